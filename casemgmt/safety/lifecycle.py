"""The state chart of an alert: open, acknowledged, closed. Methods touch `self` only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django_fsm import FSMField

from casemgmt.accounts.roles import CLINICIANS, Role
from casemgmt.kernel.lifecycle import Edge, Rule, verb

from .guards import AlertFacts, attempted, followed_up, outcome_fits, screened
from .words import RAISES, Disposition


class AlertStage(models.TextChoices):
    """Where an alert stands."""

    OPEN = "open"  # nobody has taken it; the ladder climbs
    ACKNOWLEDGED = "acknowledged"  # somebody has
    CLOSED = "closed"


UNCLOSED = (AlertStage.OPEN.value, AlertStage.ACKNOWLEDGED.value)


def died(subject: Any, facts: AlertFacts) -> bool:
    """True when the client has died: nothing is left to be told."""
    return facts.died


TOLD = ("contact_outcome", "safety_plan_updated", "follow_up_at", "disposition")
CLOSE = (
    Rule("T17", CLINICIANS, when=died),
    Rule(
        "SMS-65",
        frozenset({Role.SUPERVISOR.value}),
        needs=TOLD,
        case=("disposition", Disposition.UNABLE_TO_REACH.value),
        guards=(attempted,),
        told=(outcome_fits, screened, followed_up),
    ),
    Rule("SMS-65", CLINICIANS, needs=TOLD, told=(outcome_fits, screened, followed_up)),
)


class Watch(models.Model):
    """The stage of an alert, and what only its verbs may write."""

    stage = FSMField(max_length=12, choices=AlertStage.choices, default=AlertStage.OPEN, protected=True)
    next_page_at = models.DateTimeField(null=True)  # when the ladder climbs unless somebody acknowledges before
    acknowledged_at = models.DateTimeField(null=True)  # last
    closed_at = models.DateTimeField(null=True)

    # what `save` must write after a verb
    moved_fields = ("stage", "next_page_at", "acknowledged_at", "closed_at")

    class Meta:
        abstract = True

    @verb(
        "stage",
        target=AlertStage.ACKNOWLEDGED,
        topic="alert.acknowledged",
        edges=(Edge((AlertStage.OPEN.value,), (Rule("SMS-62", RAISES),)),),
    )
    def acknowledge(self, *, at: datetime) -> None:
        """Take it: the ladder stops."""
        self.acknowledged_at, self.next_page_at = at, None

    @verb(
        "stage",
        target=AlertStage.OPEN,
        topic="alert.worsened",
        edges=(Edge(UNCLOSED, (Rule("MSR-07", RAISES, needs=("severity",)),)),),
    )
    def worsen(self, *, at: datetime) -> None:
        """Raise the severity: the ladder begins anew."""
        self.next_page_at = at

    @verb(
        "stage",
        target=AlertStage.ACKNOWLEDGED,
        topic="alert.lowered",
        edges=(Edge(UNCLOSED, (Rule("MSR-07", CLINICIANS, needs=("severity", "reason")),)),),
    )
    def lower(self, *, at: datetime) -> None:
        """Lower the severity: a clinician looked, so the ladder stops."""
        self.acknowledged_at, self.next_page_at = self.acknowledged_at or at, None

    @verb("stage", target=AlertStage.CLOSED, topic="alert.closed", edges=(Edge(UNCLOSED, CLOSE),))
    def close(self, *, at: datetime) -> None:
        """Close it: what was done is told."""
        self.closed_at, self.next_page_at = at, None

    @property
    def is_closed(self) -> bool:
        """True once it was closed."""
        return str(self.stage) == AlertStage.CLOSED
