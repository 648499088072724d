"""The state chart of the pathway on a page. Methods touch `self` only; rules.py says who, what, under which guards."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django_fsm import FSMField

from casemgmt.kernel.lifecycle import verb

from . import rules
from .stages import TERMINAL, Stage


class Pathway(models.Model):
    """The lead stage of an episode, and what only its verbs may write."""

    stage = FSMField(max_length=16, choices=Stage.choices, default=Stage.INTAKE, protected=True)
    held_stage = models.CharField(max_length=16, blank=True, choices=Stage.choices)  # where a hold resumes to
    ended_at = models.DateTimeField(null=True, blank=True)

    # what `save` must write after a verb
    moved_fields = ("stage", "held_stage", "ended_at")

    class Meta:
        abstract = True

    @verb("stage", target=Stage.WAITLIST, topic="episode.waitlisted", edges=rules.WAITLIST)
    def waitlist(self, *, at: datetime) -> None:
        """Wait for a place (T2)."""

    @verb("stage", target=Stage.IOP, topic="episode.entered_iop", edges=rules.edges_into(Stage.IOP))
    def enter_iop(self, *, at: datetime) -> None:
        """Lead with intensive outpatient care (T3, T8, T12, T13, T19)."""
        self.held_stage = ""

    @verb("stage", target=Stage.THERAPY, topic="episode.entered_therapy", edges=rules.edges_into(Stage.THERAPY))
    def enter_therapy(self, *, at: datetime) -> None:
        """Lead with therapy (T3, T8, T9, T12, T13, T19)."""
        self.held_stage = ""

    @verb(
        "stage",
        target=Stage.PEER_SUPPORT,
        topic="episode.entered_peer_support",
        edges=rules.edges_into(Stage.PEER_SUPPORT),
    )
    def enter_peer_support(self, *, at: datetime) -> None:
        """Lead with peer support (T4, T8, T9, T10, T12, T13, T19)."""
        self.held_stage = ""

    @verb(
        "stage",
        target=Stage.SOBER_LIVING,
        topic="episode.entered_sober_living",
        edges=rules.edges_into(Stage.SOBER_LIVING),
    )
    def enter_sober_living(self, *, at: datetime) -> None:
        """Lead with a recovery residence (T5, T8, T9, T12, T13, T19)."""
        self.held_stage = ""

    @verb("stage", target=Stage.AFTERCARE, topic="episode.entered_aftercare", edges=rules.edges_into(Stage.AFTERCARE))
    def enter_aftercare(self, *, at: datetime) -> None:
        """Lead with aftercare (T6, T9, T10, T12, T13)."""
        self.held_stage = ""

    @verb("stage", target=Stage.ON_HOLD, topic="episode.held", edges=rules.HOLD)
    def hold(self, *, at: datetime) -> None:
        """Pause without ending (T11). Never discharges by itself."""
        self.held_stage = str(self.stage)

    @verb("stage", target=Stage.COMPLETED, topic="episode.completed", edges=rules.COMPLETE)
    def complete(self, *, at: datetime) -> None:
        """End as completed (T14)."""
        self.held_stage = ""
        self.ended_at = at

    @verb("stage", target=Stage.DISCHARGED, topic="episode.discharged", edges=rules.DISCHARGE)
    def discharge(self, *, at: datetime) -> None:
        """End for one of the reasons of TEDS-D (T15)."""
        self.held_stage = ""
        self.ended_at = at

    @verb("stage", target=Stage.TRANSFERRED, topic="episode.transferred", edges=rules.TRANSFER)
    def transfer(self, *, at: datetime) -> None:
        """Hand responsibility over to another organization (T16)."""
        self.held_stage = ""
        self.ended_at = at

    @verb("stage", target=Stage.DECEASED, topic="episode.died", edges=rules.DEATH)
    def record_death(self, *, at: datetime) -> None:
        """The client died (T17)."""
        self.held_stage = ""
        self.ended_at = at

    @verb("stage", target=Stage.CANCELLED, topic="episode.cancelled", edges=rules.CANCEL)
    def cancel(self, *, at: datetime) -> None:
        """Never admitted (T7)."""
        self.held_stage = ""
        self.ended_at = at

    @property
    def lead(self) -> str:
        """The stage that leads, or led when a hold began."""
        return self.held_stage or str(self.stage)

    @property
    def is_open(self) -> bool:
        """True until a terminal stage."""
        return self.stage not in TERMINAL
