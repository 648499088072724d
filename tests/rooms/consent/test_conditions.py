"""No step of the pathway waits for a consent to disclose counseling notes (P2-24)."""

from __future__ import annotations

from dataclasses import fields

from casemgmt.consent.facts import for_episode
from casemgmt.episodes.facts import Facts
from casemgmt.kernel import clock
from tests.factories import consent as consents
from tests.factories import referrals

NOTES = {
    "type": "counseling_notes",
    "info_categories": ("counseling_notes",),
    "info_description": "What I said to my counselor",
}


def test_every_step_stands_as_it_stood_with_such_a_consent_or_without(cast, api) -> None:
    """Held, refused or taken back: what is allowed, what is blocked and why stay the same, of pathway and programs."""
    case = referrals.case(cast)
    web = api(cast.supervisor)

    def standing() -> object:
        steps = web.get(f"episodes/{case.episode.id}/transitions/")
        assert steps.status_code == 200
        return steps.json(), for_episode(case.episode, at=clock.now())

    without = standing()
    held = consents.consent(case.client, recipients=[cast.south], **NOTES)
    with_it = standing()
    revoked = web.post(f"consents/{held.id}/revocations/", {"channel": "written"})

    assert revoked.status_code == 200
    assert without == with_it == standing()


def test_the_guards_are_told_of_no_consent_but_the_one_to_be_treated() -> None:
    """A guard sees `Facts` and nothing else; `consent_counts_from` is about the consent to be treated, too (T18)."""
    told = {each.name for each in fields(Facts) if "consent" in each.name}

    assert told == {"treatment_consent", "treatment_consent_at", "consent_counts_from"}
