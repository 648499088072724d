"""Tables of the programs room, one module by noun."""

from .capacity import CapacityReport
from .combination import CombinationRule
from .directory import Program
from .enrollment import Enrollment, EnrollmentMove
from .hold import PlaceHold
from .residence import HouseAgreement
from .site import Schedule, Site

__all__ = [
    "CapacityReport",
    "CombinationRule",
    "Enrollment",
    "EnrollmentMove",
    "HouseAgreement",
    "PlaceHold",
    "Program",
    "Schedule",
    "Site",
]
