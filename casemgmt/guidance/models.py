"""What people told of a client, and what they decided about guidance. Both written once; corrections are new rows."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization, User
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id

from .known import Value
from .querysets import DecisionQuerySet, StatementQuerySet
from .words import TOLD, TOLD_SOURCES, Block, FactName, Service, Verdict

NAMES = [each.value for each in TOLD]
SOURCES = [each.value for each in TOLD_SOURCES]


class Statement(models.Model):
    """One thing somebody said of a client: a yes, a no, or a list of wishes; by whom, and when it was so.

    The table refuses changes. `supersedes` names the row it corrects; `withdrawn`: that row should not have been.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="statements")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="statements")
    name = models.CharField(max_length=32)  # one of words.TOLD
    yes = models.BooleanField(null=True)
    wishes = ArrayField(models.CharField(max_length=24), null=True)  # services, of `client_preference` only
    source = models.CharField(max_length=8)  # one of words.TOLD_SOURCES
    observed_at = models.DateTimeField()  # when it was said or seen
    recorded_at = models.DateTimeField(db_default=DatabaseNow())
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by", editable=False
    )
    withdrawn = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)  # of a correction

    objects = StatementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(  # the rules ask for nothing else
                condition=Q(name__in=NAMES), name="statement_name_known"
            ),
            models.CheckConstraint(  # measures and the chart speak for themselves
                condition=Q(source__in=SOURCES), name="statement_source_known"
            ),
            models.CheckConstraint(  # nothing was seen after it was recorded
                condition=Q(observed_at__lte=F("recorded_at")), name="statement_in_the_past"
            ),
            # a statement says yes, no, or a list of wishes; one that withdraws says nothing
            models.CheckConstraint(
                condition=Q(withdrawn=True, yes__isnull=True, wishes__isnull=True)
                | Q(withdrawn=False, name=FactName.CLIENT_PREFERENCE, yes__isnull=True, wishes__isnull=False)
                | (~Q(name=FactName.CLIENT_PREFERENCE) & Q(withdrawn=False, yes__isnull=False, wishes__isnull=True)),
                name="statement_says_something",
            ),
            # a correction names a row and says why; nothing else does
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, reason="", withdrawn=False)
                | (Q(supersedes__isnull=False) & ~Q(reason="")),
                name="statement_correction_whole",
            ),
            models.CheckConstraint(  # a row does not correct itself
                condition=Q(supersedes__isnull=True) | ~Q(supersedes=F("id")), name="statement_corrects_another"
            ),
        ]
        indexes = [
            # reader: the newest yes and the newest no of each name of a client
            models.Index(
                fields=["client", "organization", "name", "yes", "-observed_at", "-id"], name="statement_newest"
            ),
            # reader: all that was told in an episode, newest first
            models.Index(fields=["episode", "-id"], name="statement_by_episode"),
        ]

    def __str__(self) -> str:
        return f"statement {self.pk}"

    @property
    def value(self) -> Value | None:
        """What it says; None when it withdraws."""
        return tuple(self.wishes) if self.wishes is not None else self.yes


class GuidanceDecision(models.Model):
    """A person accepted a line of guidance or decided otherwise (DG-20). It enrolls and moves nobody.

    `basis` names the facts that the line rested on: when they change, the decision no longer speaks of it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="guidance_decisions")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="guidance_decisions")
    rule_id = models.CharField(max_length=8)  # DG-00…DG-14
    target = models.CharField(max_length=32)  # a service, or a block
    strength = models.CharField(max_length=8, blank=True)  # as it was put; empty for a block
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.CharField(max_length=2000, blank=True)
    facts = models.JSONField()  # all that was known; `used` marks what the line rested on
    basis = models.CharField(max_length=64)
    rules_version = models.CharField(max_length=16)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=DatabaseNow())
    request_id = models.CharField(max_length=64, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(  # DG-20: accepted or overridden
                condition=Q(verdict__in=Verdict.values), name="guidance_verdict_known"
            ),
            models.CheckConstraint(  # DG-20: whoever overrides says why
                condition=~Q(verdict=Verdict.OVERRIDDEN) | ~Q(reason=""), name="guidance_override_has_reason"
            ),
            models.CheckConstraint(  # what a decision may be about
                condition=Q(target__in=[*Service.values, *Block.values]), name="guidance_target_known"
            ),
        ]
        indexes = [
            # reader: the decisions of an episode, newest first; those that speak of today's lines
            models.Index(fields=["episode", "-id"], name="guidance_decision_by_episode"),
        ]

    def __str__(self) -> str:
        return f"guidance decision {self.pk}"
