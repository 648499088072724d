"""The templates, their slots, and the linter that every rendered text must pass (SMS-40 to SMS-42)."""

from __future__ import annotations

import pytest

from notifications.segments import measure
from notifications.wording import Key, Language, WordingError, lint, render
from notifications.wording.linter import LINK, PHI, TOO_LONG
from notifications.wording.templates import TEMPLATES

FIELDS = {
    "alias": "CareLine",
    "phone": "212-555-0123",
    "email": "help@careline.example",
    "date": "Tue Jun 8",
    "time": "3:00 p.m.",
}


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("key", list(Key))
def test_every_wording_is_one_plain_segment_and_reveals_nothing(key: Key, language: Language) -> None:
    text = render(key, language, FIELDS).text

    assert lint(text) is None
    assert measure(text).encoding == "gsm7"
    assert measure(text).count == 1
    assert "{" not in text


def test_no_version_stands_twice() -> None:
    assert len({template.version for template in TEMPLATES}) == len(TEMPLATES)


@pytest.mark.parametrize(
    ("key", "length"), [(Key.OPTIN_REQUEST, 125), (Key.OPTIN_CONFIRM, 136), (Key.CHECKIN, 122), (Key.REMINDER, 87)]
)
def test_the_lengths_are_those_of_the_rule_book(key: Key, length: int) -> None:
    assert len(render(key, "en", FIELDS).text) == length


def test_a_rendered_text_names_its_version_and_language() -> None:
    rendered = render(Key.CHECKIN, "es", FIELDS)

    assert (rendered.template_version, rendered.language) == ("checkin.es.1", Language.SPANISH)
    assert rendered.text.startswith("CareLine: ¿Qué tal hoy?")


@pytest.mark.parametrize("language", ["fr", "", "EN"])
def test_what_has_no_wording_in_a_language_is_english(language: str) -> None:
    rendered = render(Key.OPTIN_REQUEST, language, FIELDS)

    assert (rendered.language, rendered.template_version) == (Language.ENGLISH, "optin_request.en.1")


@pytest.mark.parametrize("key", list(Key))
def test_each_has_a_spanish_wording(key: Key) -> None:
    assert render(key, "es", FIELDS).language == Language.SPANISH


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"alias": ""},
        {"alias": "  "},
        {"alias": "a\nb"},
        {"alias": "a\x00b"},
        {"alias": "{phone}"},
        {"alias": "CareLine", "provider": "x"},
        {"alias": "CareLine", "alias.__class__": "x"},
    ],
)
def test_a_slot_that_is_missing_unknown_or_not_one_printable_line_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(WordingError):
        render(Key.CHECKIN, "en", fields)


def test_an_error_names_the_slot_and_not_its_value() -> None:
    with pytest.raises(WordingError, match="alias") as raised:
        render(Key.CHECKIN, "en", {"alias": "secret\n"})

    assert "secret" not in str(raised.value)


_STARRED = (
    "recovery|sober|sobriety|addicted|substance|drug|alcohol|drinking|use|using|relapse|slip|treatment|rehab|detox"
)
_WORDS = (
    "IOP|PHP|therapist|counselor|psychiatry|mental|depressed|suicidal|peer|sponsor|meeting|AA|NA|group|clinic|patient"
    "|diagnosis|medication|dose|Suboxone|methadone|buprenorphine|naltrexone|Vivitrol|PHQ|GAD|AUDIT|probation|court"
)


@pytest.mark.parametrize(
    "word", [*_STARRED.split("|"), *_WORDS.split("|"), "drugs", "Meetings", "terapia", "recuperación"]
)
def test_a_revealing_word_is_refused(word: str) -> None:
    assert lint(f"CareLine: your {word} is today") == PHI
    assert lint(f"{word.upper()}!") == PHI


_SPANISH = (
    "recuperacion|recuperación|sobrio|sobriedad|adicto|adicción|sustancia|droga|drogas|beber|bebida|recaída|recaer"
    "|tratamiento|tratarse|rehabilitación|desintoxicación|terapeuta|consejera|psicóloga|deprimido|depresión|suicidio"
    "|padrino|madrina|reunión|reuniones|grupo|clínica|paciente|diagnóstico|medicación|medicamento|dosis|metadona"
    "|buprenorfina|naltrexona|juzgado|tribunal|corte|libertad condicional|consumo|A.A.|N.A.|12 pasos|12-step"
)


@pytest.mark.parametrize("word", _SPANISH.split("|"))
def test_a_revealing_word_is_refused_in_spanish_too(word: str) -> None:
    """SMS-40: the same list, as it is said in Spanish."""
    assert lint(f"CareLine: {word} manana") == PHI
    assert lint(f"CareLine: {word.upper()} manana") == PHI


@pytest.mark.parametrize("text", ["re\u200bhab", "ｒｅｈａｂ", "réhab", "NorthRecovery", "mail@soberliving.example"])
def test_a_revealing_word_cannot_hide(text: str) -> None:
    assert lint(text) == PHI


@pytest.mark.parametrize(
    "text", ["Houses and muses", "Please accuse nobody", "Nathan at noon", "a grouping", "the doser", "Ana, 3:00 p.m."]
)
def test_an_innocent_word_passes(text: str) -> None:
    assert lint(text) is None


@pytest.mark.parametrize(
    "text", ["see https://a.example/x", "www.careline.example", "bit.ly/abc", "go to careline.example"]
)
def test_links_are_refused(text: str) -> None:
    assert lint(text) == LINK


@pytest.mark.parametrize("text", ["a" * 161, "", "Hola, ¿cómo estás?", "it’s me", "😀"])
def test_a_text_that_is_not_one_plain_segment_is_refused(text: str) -> None:
    assert lint(text) == TOO_LONG


def test_a_merge_field_is_linted_too() -> None:
    assert lint(render(Key.CHECKIN, "en", {"alias": "Sober House"}).text) == PHI
    assert lint(render(Key.CHECKIN, "en", {"alias": "C" * 60}).text) == TOO_LONG
