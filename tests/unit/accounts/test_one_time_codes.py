"""One-time codes are those of RFC 6238, and each is taken once."""

from __future__ import annotations

from base64 import b32encode
from datetime import UTC, datetime

import pytest

from casemgmt.accounts.one_time_codes import address_for_app, code_at, new_secret, step_of

SECRET = b32encode(b"12345678901234567890").decode()  # the RFC's


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds, code) -> None:
    assert code_at(seconds // 30, secret=SECRET) == code
    assert step_of(code, secret=SECRET, at=datetime.fromtimestamp(seconds, UTC), after=0) == seconds // 30


@pytest.mark.parametrize(("off", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(off, taken) -> None:
    at, step = datetime.fromtimestamp(1234567890, UTC), 1234567890 // 30

    found = step_of(code_at(step + off, secret=SECRET), secret=SECRET, at=at, after=0)

    assert found == (step + off if taken else None)


def test_a_step_that_was_taken_is_never_taken_again() -> None:
    at, step = datetime.fromtimestamp(1234567890, UTC), 1234567890 // 30

    assert step_of(code_at(step, secret=SECRET), secret=SECRET, at=at, after=step) is None
    assert step_of(code_at(step - 1, secret=SECRET), secret=SECRET, at=at, after=step) is None
    assert step_of(code_at(step + 1, secret=SECRET), secret=SECRET, at=at, after=step) == step + 1


@pytest.mark.parametrize("code", ["", "28708", "2870822", "２８７０８２", "287 082", "é"])
def test_what_is_no_code_is_refused(code) -> None:
    assert step_of(code, secret=SECRET, at=datetime.fromtimestamp(59, UTC), after=0) is None


def test_each_secret_is_new_and_as_long_as_the_standard_asks() -> None:
    secrets = {new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert {len(secret) for secret in secrets} == {32}
    assert "secret=" in address_for_app(secret=SECRET, name="a person@example.org")
