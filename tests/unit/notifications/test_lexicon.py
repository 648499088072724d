"""What a client's text says: every listed word, and what must not be mistaken for one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgmt.safety.lexicon import CRISIS, normalize
from notifications.lexicon import LEXICON_VERSION, OptOut, Reading, classify

EXACT = ["stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke"]
EXACT += ["optout", "opt out", "opt-out", "remove", "parar", "alto", "no mas"]


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("  STOP \n", "stop"),
        ("“Stop!”", "stop"),
        ("🛑🛑 stop 🛑", "stop"),
        ("ＳＴＯＰ", "stop"),
        ("s\u200bt\u00adop", "stop"),
        ("opt \t  out", "opt out"),
        ("1️⃣", "1"),
        ("don’t", "don't"),
        ("...", ""),
        ("", ""),
    ],
)
def test_normalizing(raw: str, normal: str) -> None:
    assert normalize(raw) == normal


# --- opt-out, opt-in, help ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", [*EXACT, "no más", "STOP.", "'Stop'", "Opt-Out!", "STOP ALL"])
def test_an_exact_keyword_opts_out(word: str) -> None:
    assert classify(word) == Reading(opt_out=OptOut.EXACT)
    assert classify(f"  {word.upper()} !!").opt_out == OptOut.EXACT


@pytest.mark.parametrize(
    "text",
    [
        "stop texting",
        "Please STOP texting me",
        "don't text",
        "dont text me",
        "Don’t text me again",
        "no more texts",
        "take me off",
        "take me off this list",
        "leave me alone",
        "wrong number",
        "sorry, wrong number",
        "stip",
        "stopp",
        "STOPPP",
        "please stop",
        "stop stop stop",
        "Stop! I mean it",
        "No, stop",
        "stop the messages",
        "I don't want these texts",
        "do not message me",
        "how do I unsubscribe?",
        "I want to opt out",
        "remove me",
        "cancel these texts",
        "end texts",
        "never text me again",
        "no me manden mensajes",
        "no quiero más mensajes",
        "dejen de escribirme",
        "número equivocado",
    ],
)
def test_other_wordings_of_a_revocation_are_inferred(text: str) -> None:
    reading = classify(text)
    assert reading == Reading(opt_out=OptOut.INFERRED, wrong_number=reading.wrong_number)
    assert reading.wrong_number is ("wrong number" in text or "equivocado" in text)


@pytest.mark.parametrize(
    "text",
    [
        "I can't stop thinking about it",
        "the bus stop is closed",
        "don't stop",
        "please don't leave me alone",
        "you never text me",
        "the end of the week is fine",
        "nonstop",
        "weekend",
        "canceled my shift",
        "I am all right, thanks",
    ],
)
def test_other_texts_do_not_opt_out(text: str) -> None:
    assert classify(text).opt_out is None


@pytest.mark.parametrize("word", ["start", "START", "Unstop."])
def test_opting_in_again(word: str) -> None:
    assert classify(word) == Reading(opt_in=True)


def test_yes_is_told_apart_because_its_meaning_depends_on_the_state() -> None:
    assert classify("YES!") == Reading(bare_yes=True)
    assert classify("yes please call") == Reading()


@pytest.mark.parametrize("word", ["help", "HELP!", "info", "Ayuda"])
def test_asking_for_help_with_the_texts(word: str) -> None:
    assert classify(word) == Reading(help=True)


# --- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1", 1),
        (" 1. ", 1),
        ("1️⃣", 1),
        ("①", 1),
        ("good", 1),
        ("Ok", 1),
        ("fine!", 1),
        ("1 good", 1),
        ("2", 2),
        ("so so", 2),
        ("So-so", 2),
        ("meh", 2),
        ("más o menos", 2),
        ("2, regular", 2),
        ("3", 3),
        ("3!!!", 3),
        ("call", 3),
        ("help me", 3),
        ("3 please call me", 3),
        ("Llámame", 3),
    ],
)
def test_an_expected_answer(text: str, answer: int) -> None:
    assert classify(text) == Reading(answer=answer)


@pytest.mark.parametrize(
    "text", ["", "4", "11", "1 2", "1 call", "13", "not good", "I'm fine thanks", "call my mother", "C", "👍", "٣"]
)
def test_everything_else_is_read_by_a_human(text: str) -> None:
    assert classify(text).is_unparsed


# --- crisis ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("I feel suicidal", "suicid*"),
        ("suicidio", "suicid*"),
        ("i want to kill myself", "kill myself"),
        ("kill...my self", "kill myself"),
        ("just kill me", "kill me"),
        ("end my life", "end my life"),
        ("END IT ALL", "end it all"),
        ("i will end it", "end it"),
        ("I want to die", "want to die"),
        ("wanna die", "wanna die"),
        ("they'd be better off dead", "better off dead"),
        ("no reason to live", "no reason to live"),
        ("I don’t want to be here", "don't want to be here"),
        ("dont want to be alive", "don't want to be here"),
        ("I hurt myself", "hurt myself"),
        ("i cut myself", "cut myself"),
        ("overdosed", "overdose"),
        ("he OD'd", "OD'd"),
        ("i odd last night", "OD'd"),
        ("took too many", "took too many"),
        ("I can't go on", "can't go on"),
        ("cant go on", "can't go on"),
        ("goodbye forever", "goodbye forever"),
        ("I have a gun", "have a gun"),
        ("I will kill him", "kill him/her/them"),
        ("quiero matarme", "matarme"),
        ("quiero morir", "quiero morir"),
        ("no quiero vivir", "no quiero vivir"),
        ("I do NOT want to die", "want to die"),  # a negation does not clear it
        ("ＫＩＬＬ ＭＹＳＥＬＦ", "kill myself"),
        ("k\u200bill my\u200bself", "kill myself"),
    ],
)
def test_a_crisis_term_is_found_and_named(text: str, term: str) -> None:
    assert classify(text).crisis == term


@pytest.mark.parametrize("text", ["that is odd", "the weekend it rained", "killing time", "skill me up", "good"])
def test_innocent_neighbors_are_no_crisis(text: str) -> None:
    assert classify(text).crisis is None


def test_crisis_and_opt_out_hold_together() -> None:
    reading = classify("Stop texting me, I want to die")

    assert (reading.crisis, reading.opt_out) == ("want to die", OptOut.INFERRED)


def test_a_crisis_is_never_an_answer_or_a_request_for_help() -> None:
    reading = classify("help me, I want to die")

    assert (reading.answer, reading.help, reading.crisis) == (None, False, "want to die")


def test_every_reading_names_the_version_of_the_lexicon() -> None:
    assert classify("hello").lexicon_version == LEXICON_VERSION == "3"
    assert len(CRISIS) == 23


@given(st.text(max_size=1600))
def test_no_text_breaks_it(text: str) -> None:
    reading = classify(text)

    assert reading.crisis is None or reading.answer is None


@pytest.mark.parametrize("text", ["stop " * 40_000, "no " * 60_000 + "x", "'" * 200_000, "don't want to " * 15_000])
def test_long_texts_take_no_time(text: str) -> None:
    began = time.perf_counter()

    classify(text)

    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("text", ["3 but stop", "2 stop", "good, and stop please", "1 pero alto"])
def test_a_stop_beside_an_answer_is_a_stop(text: str) -> None:
    """SMS-21: the answer does not hide it."""
    assert classify(text) == Reading(opt_out=OptOut.INFERRED)
