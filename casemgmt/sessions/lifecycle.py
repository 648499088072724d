"""The state chart of a session: scheduled, held, cancelled, entered in error. Methods touch `self` only."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django_fsm import FSMField

from casemgmt.accounts.roles import Role
from casemgmt.kernel.lifecycle import Edge, Rule, verb

HOLDS_SESSIONS = frozenset(
    {
        Role.PEER_SPECIALIST.value,
        Role.THERAPIST.value,
        Role.SUPERVISOR.value,
        Role.CASE_MANAGER.value,
        Role.HOUSE_MANAGER.value,
    }
)


class SessionStage(models.TextChoices):
    """Where a session stands."""

    SCHEDULED = "scheduled"
    HELD = "held"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered_in_error"


class Happening(models.Model):
    """The stage of a session, and what only its verbs may write."""

    stage = FSMField(max_length=16, choices=SessionStage.choices, default=SessionStage.SCHEDULED, protected=True)
    closed_at = models.DateTimeField(null=True, blank=True)  # when it was told as held, cancelled or mistaken

    # what `save` must write after a verb
    moved_fields = ("stage", "closed_at")

    class Meta:
        abstract = True

    @verb(
        "stage",
        target=SessionStage.HELD,
        topic="session.held",
        edges=(Edge((SessionStage.SCHEDULED.value,), (Rule("PEER-05", HOLDS_SESSIONS),)),),
    )
    def hold(self, *, at: datetime) -> None:
        """It took place."""
        self.closed_at = at

    @verb(
        "stage",
        target=SessionStage.CANCELLED,
        topic="session.cancelled",
        edges=(Edge((SessionStage.SCHEDULED.value,), (Rule("F9", HOLDS_SESSIONS, needs=("cancelled_by",)),)),),
    )
    def cancel(self, *, at: datetime) -> None:
        """It does not take place."""
        self.closed_at = at

    @verb(
        "stage",
        target=SessionStage.ENTERED_IN_ERROR,
        topic="session.entered_in_error",
        edges=(Edge((SessionStage.HELD.value,), (Rule("PEER-05", HOLDS_SESSIONS, needs=("error_reason",)),)),),
    )
    def enter_in_error(self, *, at: datetime) -> None:
        """It never took place; what was told stays readable and counts for nothing."""
        self.closed_at = at
