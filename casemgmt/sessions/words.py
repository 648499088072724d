"""The words of sessions: what kind, in what form, how they met, and who came (PEER-05, F9)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import TextChoices

LONGEST_MINUTES = 480  # PEER-05: at most eight hours
LATE_AFTER = timedelta(hours=72)  # PEER-05: later entries say why
UNTOLD_AFTER = timedelta(minutes=10)  # F9: with the tick's minute, somebody is asked within 15
NO_SHOWS_RAISE = 2  # F9: so many in a row raise the ladder


class Discipline(TextChoices):
    """What a session is: it follows from the role of who holds it (table 1.9)."""

    PEER = "peer"
    CLINICAL = "clinical"
    CONTACT = "contact"  # a case manager's contact
    HOUSE = "house"


class Format(TextChoices):
    """With one client or with several."""

    INDIVIDUAL = "individual"
    GROUP = "group"


class Mode(TextChoices):
    """How they met (PEER-05)."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"
    TEXT = "text"


class PlaceType(TextChoices):
    """Where they met, without an address (PEER-05)."""

    OFFICE = "office"
    RESIDENCE = "residence"
    HOME = "home"
    COMMUNITY = "community"
    HOSPITAL = "hospital"
    COURT = "court"
    REMOTE = "remote"


class AttendanceState(TextChoices):
    """Whether a client came (F9)."""

    EXPECTED = "expected"
    ATTENDED = "attended"
    LATE = "late"
    LEFT_EARLY = "left_early"
    EXCUSED = "excused"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


CAME = (AttendanceState.ATTENDED, AttendanceState.LATE, AttendanceState.LEFT_EARLY)


class CancelledBy(TextChoices):
    """Who called a client's part off (F9)."""

    CLIENT = "client"
    PROVIDER = "provider"
    SYSTEM = "system"  # the client died, is on hold, or left
