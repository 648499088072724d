"""What may not stand in the words of a note: who else was in a group, and numbers of people (F9, PEER-06). Inner."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

from casemgmt.clients.models import ContactKind, ContactPoint
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Refused
from casemgmt.kernel.wall import acting_as
from casemgmt.sessions.models import Attendance, Note, Session
from casemgmt.sessions.words import Format

KEEPER = Actor.system("notes")  # a group may hold clients whom the one who writes does not see

# A number of North America as people write it, or one that begins with its country. Dates and times are none.
NUMBER = re.compile(r"(?<![\d-])(?:\+\d[\d\s().-]{6,16}\d|(?:1[\s.-]?)?\(?\d{3}\)?[\s.-]?\d{3}[\s.-]?\d{4})(?![\d-])")
WORD = re.compile(r"[^\W\d_]+")
SHORTEST_NAME = 2
COMPARED = 10  # digits: a number with and without the code of its country is the same


def text_of(note: Note) -> str:
    """Return everything that a note says in people's own words."""
    found: list[str] = []
    for name in note.texts:
        value = getattr(note, name)
        found += value if isinstance(value, list) else [value]
    return "\n".join(each for each in found if each)


def require_discreet(note: Note, session: Session) -> None:
    """Raise Refused `note_names_client` or `personal_number` for what a note must not hold."""
    text = text_of(note)
    if not text:
        return
    _require_no_names(text, session, client_id=note.client_id)
    _require_no_numbers(text, client_id=note.client_id)


def _require_no_names(text: str, session: Session, *, client_id: UUID | None) -> None:
    """Raise when the shared note of a group names somebody of it, or one client's addendum somebody else there."""
    if session.format != Format.GROUP:
        return
    with acting_as(KEEPER):
        there = Attendance.objects.filter(session=session)
        people = list(there.values_list("client_id", "client__given_name", "client__family_name"))
    named = {each: _words([given, family]) for each, given, family in people}
    own = named.pop(client_id, set()) if client_id is not None else set()
    others = {word for words in named.values() for word in words} - own
    if others & _words([text]):
        sentence = "A note that a group shares is about nobody. Write of one client in that client's own note."
        raise Refused(sentence, code="note_names_client")


def _words(texts: Iterable[str]) -> set[str]:
    """Return the words of texts without case and accents, those of one letter left out."""
    plain = (unicodedata.normalize("NFKD", each).casefold() for each in texts)
    bare = ("".join(sign for sign in each if not unicodedata.combining(sign)) for each in plain)
    return {word for each in bare for word in WORD.findall(each) if len(word) >= SHORTEST_NAME}


def _require_no_numbers(text: str, *, client_id: UUID | None) -> None:
    """Raise when a text holds a telephone number that is not one the client is reached by here."""
    found = {_digits(each.group()) for each in NUMBER.finditer(text)}
    if not found:
        return
    known: set[str] = set()
    if client_id is not None:
        points = ContactPoint.objects.filter(client_id=client_id, kind=ContactKind.PHONE)
        known = {_digits(value) for value in points.values_list("value", flat=True)}
    if found - known:
        sentence = "No telephone numbers of people in notes. Keep the client's among the ways to reach them."
        raise Refused(sentence, code="personal_number")


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)[-COMPARED:]
