"""The state chart of the pathway on a page. Methods touch `self` only; rules.py says who, what, under which guards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django_fsm import FSMField

from casemgmt.kernel.lifecycle import verb

from . import rules
from .history import Standing
from .stages import TERMINAL, Stage
from .teds import Conclusion, code_of
from .telling import as_date


class Pathway(models.Model):
    """The lead stage of an episode, and what only its verbs and corrections may write."""

    opened_at = models.DateTimeField()  # since when the episode runs
    stage = FSMField(max_length=16, choices=Stage.choices, default=Stage.INTAKE, protected=True)
    held_stage = models.CharField(max_length=16, blank=True, choices=Stage.choices)  # where a hold resumes to
    ended_at = models.DateTimeField(null=True, blank=True)  # since when the terminal stage holds
    teds_code = models.PositiveSmallIntegerField(null=True, choices=Conclusion.choices)  # how it ended (3.7)
    last_contact_on = models.DateField(null=True)  # the client's last day here, as told at the end (CLN-50)

    # what `save` must write after a verb
    moved_fields = ("stage", "held_stage", "ended_at", "teds_code", "last_contact_on")

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

    def conclude(self, told: Mapping[str, Any], *, since: datetime) -> None:
        """Note how an ended episode ended and since when (aware UTC), from what was told; clear both of an open one.

        After every verb and every correction: an end that is told late holds from when it was (F2).
        """
        ended = not self.is_open
        self.ended_at = since if ended else None
        self.teds_code = code_of(str(self.stage), told)
        self.last_contact_on = as_date(told.get("last_contact")) if ended else None

    def set_right(self, standing: Standing, *, opened_at: datetime) -> None:
        """Stand where the corrected ledger leads (T20): no verb leads there, for the row that did was wrong."""
        field = self._meta.get_field("stage")
        assert isinstance(field, FSMField), "the lead stage"
        assert standing.stage is not None, "a ledger with rows"
        assert standing.since is not None, "a ledger with rows"
        field.set_state(self, standing.stage)
        self.held_stage = standing.held_stage
        self.opened_at = opened_at
        self.conclude(standing.told, since=standing.since)

    @property
    def lead(self) -> str:
        """The stage that leads, or led when a hold began."""
        return self.held_stage or str(self.stage)

    @property
    def is_open(self) -> bool:
        """True until a terminal stage."""
        return self.stage not in TERMINAL
