"""Tables of the programs room, one module by noun."""

from .combination import CombinationRule
from .directory import Program, Site
from .enrollment import Enrollment, EnrollmentMove
from .residence import HouseAgreement

__all__ = ["CombinationRule", "Enrollment", "EnrollmentMove", "HouseAgreement", "Program", "Site"]
