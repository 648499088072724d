"""A deployment may be stricter than the law, never looser: it would not start."""

from __future__ import annotations

import pytest

from casemgmt.checks import LONGEST, law_is_only_tightened, sign_ins_are_safe, texting_is_registered


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMS_MAX_PER_DAY", 2),
        ("SMS_MAX_PER_WEEK", 4),
        ("SMS_MAX_SEGMENTS", 2),
        ("OPTOUT_CONFIRM_MAX_MINUTES", 6),
        ("SMS_WINDOW", "07:59-20:00"),
        ("SMS_WINDOW", "09:00-21:01"),
        ("SMS_WINDOW", "nonsense"),
    ],
)
def test_a_looser_setting_is_an_error(settings, name, value) -> None:
    setattr(settings, name, value)

    assert len(law_is_only_tightened()) == 1


@pytest.mark.parametrize("window", ["09:00-20:00", "08:00-21:00", "10:00-18:00"])
def test_a_stricter_one_is_not(settings, window) -> None:
    settings.SMS_WINDOW = window

    assert law_is_only_tightened() == []


SAFE = {**LONGEST, "REQUIRE_SECOND_FACTOR": True}


def test_a_deployment_with_the_longest_sign_ins_is_safe(settings) -> None:
    for name, value in SAFE.items():
        setattr(settings, name, value)

    assert sign_ins_are_safe() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("REQUIRE_SECOND_FACTOR", False), *((name, most + 1) for name, most in LONGEST.items()), ("SESSION_HOURS", 0)],
)
def test_one_that_relaxes_them_is_not(settings, name, value) -> None:
    """HIP-03: two factors and automatic logoff are not for sale."""
    for each, safe in SAFE.items():
        setattr(settings, each, safe)
    setattr(settings, name, value)

    assert len(sign_ins_are_safe()) == 1


REGISTERED = {
    "SMS_GATEWAY": "twilio",
    "SMS_A2P_BRAND_ID": "BN0",
    "SMS_A2P_CAMPAIGN_ID": "CM0",
    "SMS_A2P_CAMPAIGN_STATUS": "approved",
    "SMS_VENDOR_BAA": True,
    "SMS_VENDOR_QSOA": True,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMS_A2P_BRAND_ID", ""),
        ("SMS_A2P_CAMPAIGN_ID", ""),
        ("SMS_A2P_CAMPAIGN_STATUS", "pending"),
        ("SMS_VENDOR_BAA", False),
        ("SMS_VENDOR_QSOA", False),
        ("TEXTING_PRIVACY_URL", ""),
        ("TEXTING_TERMS_URL", "http://careline.example/texts"),
    ],
)
def test_no_deployment_texts_before_it_may(settings, name, value) -> None:
    """SMS-02, SMS-06, SMS-07."""
    for each, known in REGISTERED.items():
        setattr(settings, each, known)
    assert texting_is_registered() == []

    setattr(settings, name, value)

    assert [found.msg.split()[0] for found in texting_is_registered()] == [name]


def test_a_machine_that_sends_nothing_needs_no_registration(settings) -> None:
    settings.SMS_GATEWAY = "memory"

    assert texting_is_registered() == []
