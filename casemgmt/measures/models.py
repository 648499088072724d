"""Responses, what is due, and the wording an organization may use.

Responses are written once and amended by another row (MSR-01, MSR-02). What is due follows the stages heard from the
pathway, a room above (MSR-09).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization, User
from casemgmt.clients.models import Client
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id

from .querysets import (
    InstrumentTextQuerySet,
    LicenseAcceptanceQuerySet,
    MeasureDueQuerySet,
    ResponseQuerySet,
    StageMarkQuerySet,
)
from .words import CutOffSex, DueOutcome, DueReason, InstrumentCode, MeasureMode


class Response(models.Model):
    """One instrument as one client answered it. The table refuses changes; `supersedes` names the row it corrects.

    `items` are the raw answers by item number; scores, bands and flags are what `version` of the instrument makes of
    them. There is no status: a response is superseded when another one says so.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="measure_responses")
    # the room above, by name: rows may refer upwards, code may not
    episode = models.ForeignKey("episodes.Episode", on_delete=models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=24, choices=InstrumentCode.choices)
    version = models.CharField(max_length=16)  # of the instrument and its scoring
    language = models.CharField(max_length=35)  # BCP 47, as it was asked
    mode = models.CharField(max_length=9, choices=MeasureMode.choices)
    sex = models.CharField(max_length=6, blank=True, choices=CutOffSex.choices)  # for a cut-off only; '' unknown
    items = models.JSONField()
    scores = models.JSONField()
    bands = models.JSONField()
    flags = ArrayField(models.CharField(max_length=32))
    administered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")  # differs in an amendment
    completed_at = models.DateTimeField()  # when the client answered
    recorded_at = models.DateTimeField(db_default=DatabaseNow())
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by", editable=False
    )
    amend_reason = models.CharField(max_length=500, blank=True)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(  # MSR-01: what we can score
                condition=Q(instrument__in=InstrumentCode.values), name="measure_instrument_known"
            ),
            models.CheckConstraint(condition=Q(mode__in=MeasureMode.values), name="measure_mode_known"),  # MSR-01
            # MSR-04: only one cut-off differs by sex, and nothing is kept that nobody needs
            models.CheckConstraint(
                condition=Q(sex="") | Q(sex__in=CutOffSex.values, instrument=InstrumentCode.AUDIT_C),
                name="measure_sex_for_cut_off",
            ),
            # MSR-01: nothing was answered after it was recorded
            models.CheckConstraint(condition=Q(completed_at__lte=F("recorded_at")), name="measure_in_the_past"),
            models.CheckConstraint(condition=~Q(items={}), name="measure_answered"),  # MSR-01: not without answers
            # MSR-02: an amendment says why, and nothing else does
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, amend_reason="")
                | (Q(supersedes__isnull=False) & ~Q(amend_reason="")),
                name="measure_amendment_whole",
            ),
            # MSR-02: a row does not correct itself
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(supersedes=F("id")), name="measure_amends_another"
            ),
        ]
        indexes = [
            # reader: one client's responses, latest first
            models.Index(fields=["client", "-completed_at", "-id"], name="measure_by_client"),
            # reader: the trend and the latest response of one instrument
            models.Index(fields=["client", "instrument", "-completed_at", "-id"], name="measure_by_instrument"),
        ]

    def __str__(self) -> str:
        return f"response {self.pk}"


class StageMark(models.Model):
    """A row of the pathway's ledger as this room heard of it: where the episode stood after it, and when we heard.

    The ledger is the truth: which stage a row entered, since when, and whether a correction took its place is read
    there.
    """

    seq = models.BigAutoField(primary_key=True)
    episode = models.ForeignKey("episodes.Episode", on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    # the row of the pathway's ledger; null: the episode was opened
    move = models.OneToOneField("episodes.StageMove", on_delete=models.PROTECT, null=True, related_name="+")
    stage = models.CharField(max_length=16)
    effective_at = models.DateTimeField()

    objects = StageMarkQuerySet.as_manager()

    class Meta:
        constraints = [
            # MSR-09: hearing twice that an episode was opened is hearing it once
            models.UniqueConstraint(
                fields=["episode"], condition=Q(move__isnull=True, stage="intake"), name="stage_mark_opened_once"
            ),
        ]
        indexes = [
            # reader: where an episode stands
            models.Index(fields=["episode", "seq"], name="stage_mark_by_episode"),
            # reader: a client's episode in an organization
            models.Index(fields=["client", "organization", "-seq"], name="stage_mark_by_client"),
        ]

    def __str__(self) -> str:
        return f"stage mark {self.seq}"


class MeasureDue(models.Model):
    """One instrument is due in one episode by a moment. Source of a work item; settled once (MSR-09)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    episode = models.ForeignKey("episodes.Episode", on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=24, choices=InstrumentCode.choices)
    due_at = models.DateTimeField()
    because = models.CharField(max_length=12, choices=DueReason.choices)
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True, choices=DueOutcome.choices)
    response = models.ForeignKey(Response, on_delete=models.PROTECT, null=True, related_name="+")  # that settled it

    objects = MeasureDueQuerySet.as_manager()

    class Meta:
        constraints = [
            # MSR-09: an instrument is due once; a late recording does not double it
            models.UniqueConstraint(
                fields=["episode", "instrument"], condition=Q(settled_at__isnull=True), name="measure_due_once"
            ),
            # MSR-09: a reason and an outcome of ours, and an outcome only when settled
            models.CheckConstraint(condition=Q(because__in=DueReason.values), name="measure_due_reason_known"),
            models.CheckConstraint(  # MSR-09
                condition=Q(settled_at__isnull=True, outcome="")
                | Q(settled_at__isnull=False, outcome__in=DueOutcome.values),
                name="measure_due_settled_whole",
            ),
        ]
        indexes = [
            # reader: what is due for a client, settled when the client dies (T17)
            models.Index(fields=["client"], name="measure_due_open", condition=Q(settled_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"measure due {self.pk}"


class InstrumentLicenseAcceptance(models.Model):
    """An organization accepts the terms of an instrument, as they were worded. The table only grows."""

    seq = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=24, choices=InstrumentCode.choices)
    holder = models.CharField(max_length=200)
    terms_hash = models.CharField(max_length=64)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=DatabaseNow())

    objects = LicenseAcceptanceQuerySet.as_manager()

    class Meta:
        constraints = [
            # rules.md 4: accepting the same terms twice is accepting them once
            models.UniqueConstraint(fields=["organization", "instrument", "terms_hash"], name="license_accepted_once"),
        ]

    def __str__(self) -> str:
        return f"license acceptance {self.seq}"


class InstrumentText(models.Model):
    """The wording of an instrument in one language as an organization loaded it; the last row holds."""

    seq = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    acceptance = models.ForeignKey(InstrumentLicenseAcceptance, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=24, choices=InstrumentCode.choices)
    version = models.CharField(max_length=16)
    language = models.CharField(max_length=35)  # BCP 47, in small letters
    stem = models.CharField(max_length=1000, blank=True)
    texts = models.JSONField()  # by item number
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=DatabaseNow())

    objects = InstrumentTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(texts={}), name="instrument_text_has_items"),  # rules.md 4
        ]
        indexes = [
            # reader: an organization's wording in one language, the last of each instrument and version
            models.Index(
                fields=["organization", "language", "instrument", "version", "-seq"], name="instrument_text_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"instrument text {self.seq}"
