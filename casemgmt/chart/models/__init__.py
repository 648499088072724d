"""The chart's tables, one module per noun."""

from .checkups import Checkup
from .contacts import ContactAttempt
from .entry import ChartEntry
from .iop import IopReview
from .levels import LevelOfCareAssessment
from .plans import ContinuingCarePlan
from .returns import ReturnToUse, ReturnToUseReview

__all__ = [
    "ChartEntry",
    "Checkup",
    "ContactAttempt",
    "ContinuingCarePlan",
    "IopReview",
    "LevelOfCareAssessment",
    "ReturnToUse",
    "ReturnToUseReview",
]
