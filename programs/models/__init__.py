"""Tables of the programs room, one module by noun."""

from .combination import CombinationRule
from .directory import Program, Site
from .enrollment import Enrollment, EnrollmentMove
from .residence import HouseAgreement
from .session import SessionLog

__all__ = ["CombinationRule", "Enrollment", "EnrollmentMove", "HouseAgreement", "Program", "SessionLog", "Site"]
