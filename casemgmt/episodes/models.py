"""Episodes, their append-only ledger, and moves that wait for somebody's decision."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.lifecycle import pairs
from casemgmt.kernel.models import Entity

from .lifecycle import Pathway
from .querysets import EpisodeQuerySet, StageMoveQuerySet, StageProposalQuerySet
from .stages import TERMINAL, Stage


class Episode(Pathway, Entity):
    """One spell of responsibility of an organization for a client, from intake to a terminal stage (CLN-50)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="episodes")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    source = models.CharField(max_length=60)  # who brought the client: self, family, court, another provider
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")  # T18

    objects = EpisodeQuerySet.as_manager()

    class Meta:
        constraints = [
            # CLN-50: one open episode per client and organization
            models.UniqueConstraint(
                fields=["client", "organization"], condition=~Q(stage__in=TERMINAL), name="episode_one_open"
            ),
            # STG-12: a stage is one of the thirteen
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="episode_stage_known"),
            # a terminal stage has its moment, an open one has none
            models.CheckConstraint(
                condition=Q(stage__in=TERMINAL, ended_at__isnull=False)
                | (~Q(stage__in=TERMINAL) & Q(ended_at__isnull=True)),
                name="episode_ended_at_fits",
            ),
            # T11, T12: a hold knows what it resumes to
            models.CheckConstraint(
                condition=(Q(stage=Stage.ON_HOLD) & ~Q(held_stage="")) | (~Q(stage=Stage.ON_HOLD) & Q(held_stage="")),
                name="episode_held_stage_fits",
            ),
        ]
        indexes = [
            # reader: the list of episodes, newest first
            models.Index(fields=["-opened_at", "-id"], name="episode_newest"),
            # reader: one client's episodes
            models.Index(fields=["client", "-opened_at", "-id"], name="episode_by_client"),
            # reader: an organization's episodes in a stage
            models.Index(fields=["organization", "stage", "-opened_at", "-id"], name="episode_by_stage"),
        ]


class StageMove(models.Model):
    """One row of the ledger: what moved, from where to where, under which rule, who, when, why. Never changed (F2)."""

    seq = models.BigAutoField(primary_key=True)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="moves")
    verb = models.CharField(max_length=40)
    rule = models.CharField(max_length=8)  # T1…T18
    from_stage = models.CharField(max_length=16, blank=True)  # empty: the episode began
    to_stage = models.CharField(max_length=16)
    direction = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField(db_default=DatabaseNow())  # when it was recorded
    effective_at = models.DateTimeField()  # when it holds from
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    proposal_id = models.UUIDField(null=True)  # the proposal it carried out
    reason = models.TextField(blank=True)
    given = models.JSONField(default=dict)  # what the rule needed to be told
    facts = models.JSONField(default=dict)  # what the guards saw
    request_id = models.CharField(max_length=64, blank=True)

    objects = StageMoveQuerySet.as_manager()

    class Meta:
        constraints = [
            # STG-10, STG-12: only what the table allows, whoever writes it; follows lifecycle.py by makemigrations
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    [Q(from_stage="", to_stage=Stage.INTAKE)]
                    + [Q(from_stage=source, to_stage=target) for source, target in pairs(Episode)],
                ),
                name="stage_move_allowed",
            ),
            # F2: nothing holds from a moment later than it was recorded
            models.CheckConstraint(condition=Q(effective_at__lte=models.F("at")), name="stage_move_not_ahead"),
        ]
        indexes = [
            # reader: the ledger of one episode; the trigger that compares it with the stage
            models.Index(fields=["episode", "-seq"], name="stage_move_by_episode"),
        ]

    def __str__(self) -> str:
        return f"stage move {self.seq}"


class ProposalStatus(models.TextChoices):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"  # the team wants it; a role that may decide it still has to
    CARRIED_OUT = "carried_out"
    DISMISSED = "dismissed"
    MOOT = "moot"  # the client moved another way


class StageProposal(Entity):
    """A move somebody asks for without deciding it: a peer, a case manager, or the system (STG-11, REF-07)."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="proposals")
    verb = models.CharField(max_length=40)
    target = models.CharField(max_length=16, choices=Stage.choices)
    given = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=ProposalStatus.choices, default=ProposalStatus.PROPOSED)
    source_type = models.CharField(max_length=32)  # staff, referral
    source_id = models.UUIDField(null=True)
    proposed_by_kind = models.CharField(max_length=16)
    proposed_by = models.UUIDField(null=True)
    confirmed_by = models.UUIDField(null=True)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    objects = StageProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            # proposing twice is proposing once
            models.UniqueConstraint(
                fields=["episode", "verb"],
                condition=Q(status__in=["proposed", "confirmed"]),
                name="proposal_open_once",
            ),
            models.CheckConstraint(  # a status is one of ours
                condition=Q(status__in=ProposalStatus.values), name="proposal_status_known"
            ),
        ]
        indexes = [
            # reader: an episode's proposals, newest first
            models.Index(fields=["episode", "-id"], name="proposal_by_episode"),
        ]
