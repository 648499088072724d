"""The state chart of an enrollment: planned, active, on hold, ended (STG-01). Methods touch `self` only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django_fsm import FSMField

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.kernel.lifecycle import Edge, Rule, verb

from .guards import (
    EnrollmentFacts,
    accompanied,
    apart,
    goes_on_leading,
    not_leading,
    not_needed,
    notice,
    provider,
    referral,
)


class EnrollmentStage(models.TextChoices):
    """Where an enrollment stands."""

    PLANNED = "planned"  # a place is held, nothing has begun
    ACTIVE = "active"
    ON_HOLD = "on_hold"  # paused; the place stays held
    ENDED = "ended"


OPEN = (EnrollmentStage.PLANNED, EnrollmentStage.ACTIVE, EnrollmentStage.ON_HOLD)


def following(subject: Any, facts: EnrollmentFacts) -> bool:
    """True when the pathway moved and the enrollment goes along: its guards were judged there."""
    return facts.following


# The pathway's own step comes first; what a person does by hand is judged here.
ALONG = Rule("STG-01", CASE_MANAGER_AND_UP, when=following)
ACTIVATE = (ALONG, Rule("G6", CASE_MANAGER_AND_UP, (provider, notice, referral, apart, accompanied)))
HOLD = (ALONG, Rule("STG-01", CASE_MANAGER_AND_UP, (goes_on_leading,)))
RESUME = (ALONG, Rule("STG-01", CASE_MANAGER_AND_UP, (notice, referral, apart)))
END = (ALONG, Rule("STG-01", CASE_MANAGER_AND_UP, (not_leading, not_needed), needs=("end_reason",)))


class Participation(models.Model):
    """The stage of an enrollment, and what only its verbs may write."""

    stage = FSMField(max_length=8, choices=EnrollmentStage.choices, default=EnrollmentStage.PLANNED, protected=True)
    started_at = models.DateTimeField(null=True, blank=True)  # first became active
    ended_at = models.DateTimeField(null=True, blank=True)

    # what `save` must write after a verb
    moved_fields = ("stage", "started_at", "ended_at")

    class Meta:
        abstract = True

    @verb(
        "stage",
        target=EnrollmentStage.ACTIVE,
        topic="enrollment.activated",
        edges=(Edge((EnrollmentStage.PLANNED.value,), ACTIVATE),),
    )
    def activate(self, *, at: datetime) -> None:
        """Begin."""
        self.started_at = at

    @verb(
        "stage",
        target=EnrollmentStage.ON_HOLD,
        topic="enrollment.held",
        edges=(Edge((EnrollmentStage.ACTIVE.value,), HOLD),),
    )
    def hold(self, *, at: datetime) -> None:
        """Pause; the place stays held."""

    @verb(
        "stage",
        target=EnrollmentStage.ACTIVE,
        topic="enrollment.resumed",
        edges=(Edge((EnrollmentStage.ON_HOLD.value,), RESUME),),
    )
    def resume(self, *, at: datetime) -> None:
        """Go on."""

    @verb(
        "stage",
        target=EnrollmentStage.ENDED,
        topic="enrollment.ended",
        edges=(Edge(tuple(each.value for each in OPEN), END),),
    )
    def end(self, *, at: datetime) -> None:
        """End; the place is free again."""
        self.ended_at = at

    @property
    def is_open(self) -> bool:
        """True until it ended."""
        return str(self.stage) != EnrollmentStage.ENDED
