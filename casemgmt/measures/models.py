"""Responses: what a client answered, and what it came to. Written once, amended by another row (MSR-01, MSR-02)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization, User
from casemgmt.clients.models import Client
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id

from .querysets import ResponseQuerySet
from .words import CutOffSex, InstrumentCode, MeasureMode


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
