"""Episodes, their append-only ledger, and moves that wait for somebody's decision."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.lifecycle import pairs
from casemgmt.kernel.models import Entity

from .lifecycle import Pathway
from .querysets import CoSignatureQuerySet, EpisodeQuerySet, StageMoveQuerySet, StageProposalQuerySet
from .stages import TERMINAL, Stage
from .teds import CODES_OF_STAGE


class Episode(Pathway, Entity):
    """One spell of responsibility of an organization for a client, from intake to a terminal stage (CLN-50)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="episodes")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
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
            # rules.md 3.7: the code of TEDS-D says the same as the terminal stage; follows teds.py by makemigrations
            models.CheckConstraint(
                condition=reduce(or_, [Q(stage=stage, teds_code__in=codes) for stage, codes in CODES_OF_STAGE.items()])
                | (~Q(stage__in=[*CODES_OF_STAGE]) & Q(teds_code__isnull=True)),
                name="episode_teds_code_fits",
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


class AskedBy(models.TextChoices):
    """Whose wish it is. Clients and houses ask through staff, who record it for them (T8, T18)."""

    CLIENT = "client"
    PEER = "peer"
    HOUSE = "house"
    CASE_MANAGER = "case_manager"
    CLINICIAN = "clinician"
    SYSTEM = "system"


class StageMove(models.Model):
    """One row of the ledger: what moved, from where to where, under which rule, who, when, why. Never changed (F2).

    `from_stage` and `to_stage` chain in the order of recording; `enters` is the stage that holds from `effective_at`.
    They differ in a correction (T20) alone, which takes the place of the row it supersedes: history.py replays them.
    """

    seq = models.BigAutoField(primary_key=True)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="moves")
    verb = models.CharField(max_length=40)
    rule = models.CharField(max_length=8)  # T1…T20
    definition = models.CharField(max_length=16, blank=True)  # the version of the rule table that judged it
    from_stage = models.CharField(max_length=16, blank=True)  # empty: the episode began
    to_stage = models.CharField(max_length=16)
    enters = models.CharField(max_length=16)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    direction = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField(db_default=DatabaseNow())  # when it was recorded
    effective_at = models.DateTimeField()  # when it holds from
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    actor_roles = ArrayField(models.CharField(max_length=20), default=list)  # held by the actor at that moment
    on_behalf_of = models.CharField(max_length=12, blank=True, choices=AskedBy.choices)  # whose wish; empty: their own
    proposal_id = models.UUIDField(null=True)  # the proposal it carried out
    reason = models.TextField(blank=True)
    given = models.JSONField(default=dict)  # what the rule needed to be told
    facts = models.JSONField(default=dict)  # what the guards saw
    request_id = models.CharField(max_length=64, blank=True)

    objects = StageMoveQuerySet.as_manager()

    class Meta:
        constraints = [
            # STG-10, STG-12: only what the table allows, whoever writes it; follows lifecycle.py by makemigrations.
            # T20: a correction leads from any stage to any, as the row it corrects was wrong
            models.CheckConstraint(
                condition=Q(
                    supersedes__isnull=False,
                    verb="correct",
                    rule="T20",
                    from_stage__in=Stage.values,
                    to_stage__in=Stage.values,
                )
                | Q(supersedes__isnull=True)
                & reduce(
                    or_,
                    [
                        Q(from_stage=source, to_stage=target)
                        for source, target in [("", Stage.INTAKE.value), *pairs(Episode)]
                    ],
                ),
                name="stage_move_allowed",
            ),
            # F2, T20: what a row enters is where it leads; only a correction of an earlier row leaves the stage alone
            models.CheckConstraint(
                condition=Q(enters=F("to_stage"))
                | Q(supersedes__isnull=False, enters__in=Stage.values, from_stage=F("to_stage")),
                name="stage_move_enters_fits",
            ),
            # T20: whoever corrects says why
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(reason=""), name="stage_move_correction_has_reason"
            ),
            # F2: nothing holds from a moment later than it was recorded
            models.CheckConstraint(condition=Q(effective_at__lte=F("at")), name="stage_move_not_ahead"),
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
    asked_by = models.CharField(max_length=12, choices=AskedBy.choices)
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
            # T8, STG-11: whose wish it is, and a machine speaks for nobody else
            models.CheckConstraint(
                condition=Q(proposed_by_kind="system", asked_by=AskedBy.SYSTEM)
                | (
                    ~Q(proposed_by_kind="system")
                    & Q(asked_by__in=[each for each in AskedBy.values if each != "system"])
                ),
                name="proposal_asked_by_fits",
            ),
        ]
        indexes = [
            # reader: an episode's proposals, newest first
            models.Index(fields=["episode", "-id"], name="proposal_by_episode"),
        ]


class CoSignStatus(models.TextChoices):
    """Where the signature of a move that began ahead stands."""

    WAITING = "waiting"
    SIGNED = "signed"
    REFUSED = "refused"
    LAPSED = "lapsed"  # nobody signed in time; the stage stays, people decide (T8)


class CoSignature(Entity):
    """The signature of a move that somebody started ahead of those who decide it (T8, T15). One per move."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="co_signatures")
    move = models.OneToOneField(StageMove, on_delete=models.PROTECT, related_name="co_signature")
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices))  # of whom one signs
    status = models.CharField(max_length=8, choices=CoSignStatus.choices, default=CoSignStatus.WAITING)
    started_by = models.UUIDField()
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)  # None on a lapsed one: a clock closed it
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    objects = CoSignatureQuerySet.as_manager()

    class Meta:
        constraints = [
            # T8: waiting is undecided; a signature and a refusal are somebody's, and not of who started
            models.CheckConstraint(
                condition=Q(status=CoSignStatus.WAITING, decided_at__isnull=True, decided_by__isnull=True)
                | Q(status=CoSignStatus.LAPSED, decided_at__isnull=False, decided_by__isnull=True)
                | (
                    Q(status__in=[CoSignStatus.SIGNED, CoSignStatus.REFUSED], decided_at__isnull=False)
                    & Q(decided_by__isnull=False)
                    & ~Q(decided_by=F("started_by"))
                ),
                name="co_signature_decided_fits",
            ),
            # T8: a refusal says why
            models.CheckConstraint(
                condition=~Q(status=CoSignStatus.REFUSED, reason=""), name="co_signature_refusal_has_reason"
            ),
            # T8: there is time to sign, and somebody who may
            models.CheckConstraint(
                condition=Q(due_at__gt=F("asked_at")) & Q(roles__len__gt=0), name="co_signature_can_be_signed"
            ),
        ]
        indexes = [
            # reader: the clock that closes what nobody signed
            models.Index(fields=["due_at"], name="co_signature_due", condition=Q(status=CoSignStatus.WAITING)),
            # reader: an organization's signatures, newest first, through the episodes it may see
            models.Index(fields=["episode", "-id"], name="co_signature_by_episode"),
        ]
