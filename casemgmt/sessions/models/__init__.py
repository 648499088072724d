"""Tables of the sessions room, one module by noun."""

from .attendance import Attendance, AttendanceMove
from .counseling import CounselingNote, CounselingReading
from .credentials import Credential, CredentialOverride
from .notes import CareNote, ClinicalNote, ContactNote, Note, PeerNote
from .series import Series, SeriesMember
from .session import Session, SessionMove

__all__ = [
    "Attendance",
    "AttendanceMove",
    "CareNote",
    "ClinicalNote",
    "ContactNote",
    "CounselingNote",
    "CounselingReading",
    "Credential",
    "CredentialOverride",
    "Note",
    "PeerNote",
    "Series",
    "SeriesMember",
    "Session",
    "SessionMove",
]
