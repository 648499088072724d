"""Tables of the sessions room, one module by noun."""

from .attendance import Attendance, AttendanceMove
from .series import Series, SeriesMember
from .session import Session, SessionMove

__all__ = ["Attendance", "AttendanceMove", "Series", "SeriesMember", "Session", "SessionMove"]
