"""Tables of the programs room, one module by noun."""

from .directory import Program, Site
from .enrollment import Enrollment, EnrollmentMove
from .session import SessionLog

__all__ = ["Enrollment", "EnrollmentMove", "Program", "SessionLog", "Site"]
