"""Every way of saying STOP, in every guise: nothing leaves after it, and it is confirmed once (SMS-20 to SMS-25)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from notifications.lexicon_words import OPT_OUT
from notifications.models import Message, TextingConsent, TextingConsentEvent
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from tests.factories import notifications as make

# SMS-20 and the Spanish of it, as the lexicon lists them; a test below holds the two against each other.
EXACT = (
    *("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"),
    *("opt-out", "remove", "parar", "alto", "no mas"),
)
# SMS-21
INFERRED = (
    *("stop texting", "don't text", "dont text me", "no more texts", "take me off", "leave me alone"),
    *("wrong number", "stip", "stopp"),
)


def full_width(said: str) -> str:
    """Return ASCII as phones with East Asian keyboards type it."""
    return "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in said)


GUISES: dict[str, Callable[[str], str]] = {
    "plain": lambda said: said,
    "upper": str.upper,
    "full_width": full_width,
    "punctuated": lambda said: f"  “{said}”!!. ",
    "emoji": lambda said: f"🛑 {said} 🛑",
    "zero_width": lambda said: "\u200b".join(said),
}


@pytest.fixture(autouse=True)
def we_confirm(settings) -> None:
    """The carrier leaves the confirmation to us (SMS-24)."""
    settings.PROVIDER_HANDLES_OPTOUT_REPLY = False


def repeated(body: str, number: str) -> None:
    """Let a text come in, and the carrier deliver the same one again."""
    receipt = make.arrives(number, body)
    process_inbox()
    twice = receipt.__class__(dedupe_key=receipt.dedupe_key, kind=receipt.kind, payload={"sender": number})
    receipt.__class__.objects.bulk_create([twice], ignore_conflicts=True)
    process_inbox()


def only_the_confirmation_leaves(gateway, phones: int, people: list[make.Texted]) -> None:
    """Whatever waited and whatever is written later stays; each phone gets the one confirmation."""
    for who in people:
        make.message(who, check_in=None)
    drain(gateway=gateway, limit=200)
    numbers = [text.to for text in gateway.sent]
    assert {text.body[:43] for text in gateway.sent} == {"CareLine: You won't get any more texts from"}
    assert len(numbers) == len(set(numbers)) == phones
    assert set(TextingConsent.objects.values_list("state", flat=True)) == {"opted_out"}
    others = Message.objects.exclude(kind="stop_confirm")
    assert set(others.values_list("status", flat=True)) == {"cancelled"}
    assert others.filter(reason="sms_opted_out").count() == len(people)  # those that waited


def test_the_matrix_has_every_spelling() -> None:
    """SMS-20: a keyword that the lexicon learns is tried here as well."""
    assert set(EXACT) == set(OPT_OUT)


@pytest.mark.parametrize("said", [*EXACT, *INFERRED])
def test_nothing_leaves_after_it_and_it_is_confirmed_once(north, gateway, said) -> None:
    """SMS-20, SMS-21, SMS-22, SMS-24: also not on the webhook that comes twice, or when it is said again."""
    people = [make.texted(north, phone=f"+1316555010{digit}") for digit in range(len(GUISES))]
    for who, disguise in zip(people, GUISES.values(), strict=True):
        make.message(who)
        repeated(disguise(said), who.number)
        repeated(disguise(said), who.number)

    only_the_confirmation_leaves(gateway, len(GUISES), people)
    assert set(TextingConsentEvent.objects.filter(event="opt_out").values_list("inferred", flat=True)) == {
        said in INFERRED
    }


@pytest.mark.parametrize("said", [*EXACT, *INFERRED])
def test_from_a_phone_that_two_clients_share_it_counts_for_both(ada, north, gateway, said) -> None:
    """SMS-25: and the phone is told once."""
    sibling = make.texted(north, phone=ada.number)
    make.message(ada)
    make.message(sibling)

    repeated(said, ada.number)

    only_the_confirmation_leaves(gateway, 1, [ada, sibling])


@pytest.mark.parametrize("said", ["stop", "stop all", "unsubscribe", "quit", "opt out", "parar", "alto", *INFERRED])
def test_inside_an_answer_it_counts_too(north, gateway, said) -> None:
    """SMS-21: an answer beside it does not hide it."""
    answers = ("2. {}", "1, please {}", "3 but {}")
    people = [make.texted(north, phone=f"+1316555010{digit}") for digit in range(len(answers))]
    for who, answer in zip(people, answers, strict=True):
        make.message(who)
        repeated(answer.format(said), who.number)

    only_the_confirmation_leaves(gateway, len(answers), people)


def test_a_stop_said_again_after_it_was_confirmed_is_not_confirmed_again(ada, gateway) -> None:
    """SMS-24: one confirmation at most."""
    repeated("STOP", ada.number)
    drain(gateway=gateway)
    repeated("STOP", ada.number)
    repeated("unsubscribe", ada.number)
    drain(gateway=gateway)

    assert len(gateway.sent) == 1


def test_a_stop_after_a_start_is_a_new_one(ada, gateway) -> None:
    """SMS-24: each revocation is confirmed, not only the first of a lifetime."""
    for said in ("STOP", "START", "STOP"):
        repeated(said, ada.number)
        drain(gateway=gateway)

    assert [text.body[10:27] for text in gateway.sent] == [
        "You won't get any",
        "You're signed up ",
        "You won't get any",
    ]
