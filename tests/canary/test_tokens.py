"""A scan that finds nothing means something only if it finds what is there."""

from __future__ import annotations

import base64
import json

import pytest

from .tokens import Mint


@pytest.fixture
def mint() -> Mint:
    return Mint()


def test_every_canary_is_another(mint) -> None:
    words = [mint.word("somewhere") for _ in range(1000)] + [mint.number("phone") for _ in range(200)]

    assert len({word.lower() for word in words}) == len(mint.given) == 1200


@pytest.mark.parametrize("shape", [str, str.upper, str.lower, "Dear {}, come back".format, '"{}@example.org"'.format])
def test_a_word_is_found_in_any_case_and_among_others(mint, shape) -> None:
    word = mint.word("a name")

    assert list(mint.found_in(shape(word)).values()) == ["a name"]


def test_a_number_is_found_as_digits(mint) -> None:
    number = mint.number("a phone")

    assert list(mint.found_in(f"sent to {number}.").values()) == ["a phone"]


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_word_is_found_inside_a_packed_task(mint, encode) -> None:
    """Arguments of tasks travel through the broker in base64."""
    body = json.dumps([[mint.word("an argument")], {}, {"callbacks": None}]).encode()
    envelope = json.dumps({"body": encode(body).decode(), "properties": {"body_encoding": "base64"}})

    assert list(mint.found_in(envelope).values()) == ["an argument"]


def test_other_words_are_none(mint) -> None:
    mint.word("a name")

    assert mint.found_in(f"{Mint().word('elsewhere')} {mint.mark} 913555 nothing at all") == {}
