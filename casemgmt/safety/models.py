"""Alerts, whom they asked, what was noted and decided, and who is on call. What happened is never changed."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Case, F, Q, Value, When

from casemgmt.accounts.models import Organization, User
from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from casemgmt.kernel.lifecycle import pairs
from casemgmt.kernel.models import Entity

from .lifecycle import AlertStage, Watch
from .querysets import OnCallShiftQuerySet, RiskAlertQuerySet
from .words import RANK, AttemptOutcome, Channel, Disposition, NoteKind, OnCallRole, Purpose, Severity, Source, What

CLOSED = AlertStage.CLOSED.value
LAST = 9  # the place of what is closed in the order of urgency


class RiskAlert(Watch, Entity):
    """A worry about one client in one organization that somebody must answer, and how far its ladder has climbed."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, related_name="risk_alerts")  # None: unknown
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    # the room above, by name: rows may refer upwards, code may not
    episode = models.ForeignKey("episodes.Episode", on_delete=models.PROTECT, null=True, related_name="+")
    severity = models.CharField(max_length=8, choices=Severity.choices)
    source = models.CharField(max_length=8, choices=Source.choices)
    source_id = models.UUIDField(null=True)  # None: raised by hand
    what = models.CharField(max_length=24, choices=What.choices)
    lexicon_version = models.CharField(max_length=16, blank=True)
    term = models.CharField(max_length=40, blank=True)  # the lexicon's name of what matched, never the text (SMS-62)
    call_only = models.BooleanField(default=False)  # SMS-63: the number takes no texts of ours, a call is the only way
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # None: a machine
    # the ladder
    named = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # asked first (PEER-03)
    step = models.PositiveSmallIntegerField(default=0)
    ladder_from = models.DateTimeField()  # raised, or worsened
    answer_by = models.DateTimeField()  # MSR-06: when a clinician must have answered
    contact_due_at = models.DateTimeField(null=True)  # SMS-62: when a supervisor decides unless the client was reached
    nobody_on_call = models.BooleanField(default=False)  # a step found no one on call and asked all supervisors
    acknowledged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    disposition = models.CharField(max_length=20, blank=True, choices=Disposition.choices)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    urgency = models.GeneratedField(
        expression=Case(
            When(stage=CLOSED, then=Value(LAST)),
            *[When(severity=each, then=Value(rank)) for each, rank in RANK.items()],
            default=Value(LAST),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )

    objects = RiskAlertQuerySet.as_manager()

    class Meta:
        constraints = [
            # one worry is one alert until it is closed: a repeat adds nothing
            models.UniqueConstraint(
                fields=["client", "organization", "what", "source_id"],
                condition=~Q(stage=CLOSED),
                nulls_distinct=False,
                name="risk_alert_one_open",
            ),
            models.CheckConstraint(condition=Q(stage__in=AlertStage.values), name="risk_alert_stage_known"),  # SMS-65
            models.CheckConstraint(  # MSR-06
                condition=Q(severity__in=Severity.values), name="risk_alert_severity_known"
            ),
            # SMS-62: where it comes from is one of ours, and only a person raises without a source
            models.CheckConstraint(
                condition=Q(source=Source.STAFF, source_id__isnull=True, raised_by__isnull=False)
                | Q(source__in=[Source.MEASURE, Source.TEXT, Source.SESSION], source_id__isnull=False),
                name="risk_alert_source_fits",
            ),
            models.CheckConstraint(condition=Q(what__in=What.values), name="risk_alert_what_known"),  # F7
            # SMS-62: an open alert always has somebody who is asked next, any other has not
            models.CheckConstraint(
                condition=Q(stage=AlertStage.OPEN, next_page_at__isnull=False)
                | (~Q(stage=AlertStage.OPEN) & Q(next_page_at__isnull=True)),
                name="risk_alert_open_climbs",
            ),
            # SMS-65: a closed one says how and when it ended, any other has not ended
            models.CheckConstraint(
                condition=Q(
                    stage=CLOSED,
                    closed_at__isnull=False,
                    contact_due_at__isnull=True,
                    disposition__in=Disposition.values,
                )
                | (~Q(stage=CLOSED) & Q(closed_at__isnull=True, disposition="")),
                name="risk_alert_closing_fits",
            ),
        ]
        indexes = [
            # reader: an organization's alerts, most urgent first, then oldest; the facts of one client
            models.Index(fields=["organization", "urgency", "raised_at", "id"], name="risk_alert_by_urgency"),
            # reader: one client's alerts that are not closed: facts, death, the gate of texts
            models.Index(fields=["client"], name="risk_alert_by_client", condition=~Q(stage=CLOSED)),
            # reader: escalate, whose ladder climbs now
            models.Index(fields=["next_page_at"], name="risk_alert_climbs", condition=Q(next_page_at__isnull=False)),
            # reader: escalate, whose client nobody reached
            models.Index(
                fields=["contact_due_at"], name="risk_alert_contact", condition=Q(contact_due_at__isnull=False)
            ),
        ]


class AlertMove(models.Model):
    """One row of the ledger of alerts. Never changed (F2). `given` tells severities and how it was closed."""

    seq = models.BigAutoField(primary_key=True)
    alert = models.ForeignKey(RiskAlert, on_delete=models.PROTECT, related_name="moves")
    verb = models.CharField(max_length=40)
    rule = models.CharField(max_length=8)
    from_stage = models.CharField(max_length=12, blank=True)  # empty: it was raised
    to_stage = models.CharField(max_length=12)
    at = models.DateTimeField(db_default=DatabaseNow())
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=2000, blank=True)
    given = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            # SMS-65: only what lifecycle.py allows, whoever writes it; follows it by makemigrations
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    [Q(from_stage="", to_stage=AlertStage.OPEN)]
                    + [Q(from_stage=source, to_stage=target) for source, target in pairs(RiskAlert)],
                ),
                name="alert_move_allowed",
            ),
        ]
        indexes = [
            # reader: the ledger of one alert; the trigger that compares it with the stage
            models.Index(fields=["alert", "-seq"], name="alert_move_by_subject"),
        ]

    def __str__(self) -> str:
        return f"alert move {self.seq}"


class AlertPage(models.Model):
    """Somebody was asked. Never changed; whether it was answered, the alert's ledger says."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    alert = models.ForeignKey(RiskAlert, on_delete=models.PROTECT, related_name="pages")
    step = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=11, choices=Purpose.choices)
    role = models.CharField(max_length=20, choices=Role.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # None: all with the role
    nobody_on_call = models.BooleanField(default=False)
    paged_at = models.DateTimeField()
    deadline = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(  # SMS-62, PEER-02
                condition=Q(purpose__in=Purpose.values), name="alert_page_purpose_known"
            ),
            models.CheckConstraint(condition=Q(deadline__gte=F("paged_at")), name="alert_page_in_order"),  # F7
        ]
        indexes = [
            # reader: whom one alert asked, oldest first
            models.Index(fields=["alert", "id"], name="alert_page_by_alert"),
            # reader: the alerts somebody was asked about
            models.Index(fields=["user", "alert"], name="alert_page_by_user"),
        ]

    def __str__(self) -> str:
        return f"alert page {self.pk}"


class AlertNote(models.Model):
    """What somebody noted, or tried. Never changed."""

    seq = models.BigAutoField(primary_key=True)
    alert = models.ForeignKey(RiskAlert, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=16, choices=NoteKind.choices)
    text = models.CharField(max_length=2000, blank=True)
    channel = models.CharField(max_length=20, blank=True, choices=Channel.choices)
    outcome = models.CharField(max_length=16, blank=True, choices=AttemptOutcome.choices)
    happened_at = models.DateTimeField()
    written_at = models.DateTimeField(db_default=DatabaseNow())
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            # SMS-65: an attempt says how and what came of it; a note says something
            models.CheckConstraint(
                condition=Q(kind=NoteKind.NOTE, channel="", outcome="") & ~Q(text="")
                | Q(kind=NoteKind.CONTACT_ATTEMPT, channel__in=Channel.values, outcome__in=AttemptOutcome.values),
                name="alert_note_whole",
            ),
            # SMS-65: nobody notes what has not happened yet
            models.CheckConstraint(condition=Q(happened_at__lte=F("written_at")), name="alert_note_in_the_past"),
        ]
        indexes = [
            # reader: the notes of one alert; the attempts to reach the client
            models.Index(fields=["alert", "seq"], name="alert_note_by_alert"),
        ]

    def __str__(self) -> str:
        return f"alert note {self.seq}"


class OnCallShift(Entity):
    """Who answers for a role of an organization at a time. Two of a role and kind never overlap: see 0002_promises."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=OnCallRole.choices)
    backup = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    objects = OnCallShiftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(  # SMS-62: a clinician is on call
                condition=Q(role__in=OnCallRole.values), name="on_call_shift_role_known"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="on_call_shift_in_order"),  # F7
        ]
        indexes = [
            # reader: the rota by time; who is on call now
            models.Index(fields=["organization", "starts_at", "id"], name="on_call_shift_by_time"),
        ]
