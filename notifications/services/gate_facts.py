"""What the gate is told of one message: gathered inside the sending transaction, after its locks (CHK-01)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import BooleanField, Exists, ExpressionWrapper, Q, Value

from casemgmt.chart.models import ContactAttempt
from casemgmt.clients.models import ContactPoint, ContactStatus
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.wall_time import zone_named
from casemgmt.safety.models import RiskAlert
from casemgmt.safety.words import (
    What,
)
from casemgmt.sessions.models import (
    Attendance,
)
from casemgmt.worklist.models import ItemKind, WorkItem
from notifications import gate, quiet_hours
from notifications.jurisdictions import Week
from notifications.models import (
    CheckInPlan,
    InboundText,
    Message,
    MessageKind,
    MessageStatus,
    PlanStatus,
    TextingConsent,
    TextingState,
    Understood,
)
from notifications.segments import measure
from notifications.wording import lint
from notifications.wording.linter import PHI

from .wishes import Wishes, wishes_of
from .wordings import is_approved

# Automated texts that SMS-05 counts; requests for consent and replies are not.
CAPPED = (MessageKind.CHECK_IN, MessageKind.REMINDER, MessageKind.APPOINTMENT)
A2P_APPROVED = "approved"


def gather(message: Message, *, body: str, consent: TextingConsent | None, at: datetime) -> gate.GateFacts:
    """Return the facts about a locked message (joined by `with_surroundings`) with the words it would have."""
    point = message.contact_point
    client, episode, wishes = point.client, _episode(message), _wishes(message)
    area_code, state = quiet_hours.area_code_of(point.value), client.residence_state
    zones = quiet_hours.zones_for(recorded_zone=client.timezone, residence_state=state, area_code=area_code)
    today, this_week = _counts(message, zones, at=at)
    frozen, met_today = _answers(message, _frozen(point), _met_today(message, zones, at=at))
    return gate.GateFacts(
        kind=gate.Kind(message.kind),
        at=at,
        due_at=message.planned_at,
        not_after=message.not_after,
        episode_open=episode is not None and episode.is_open,
        episode_on_hold=episode is not None and episode.stage == Stage.ON_HOLD,
        client_alive=not client.deceased,
        plan_active=message.check_in is not None and is_running(message.check_in.plan),
        appointment_stands=_stands(message),
        reminders_wanted=not wishes.no_reminders,
        number_valid=_takes_texts(point),
        consent=gate.TextingConsent(consent.state if consent else TextingState.NONE),
        opt_in_requests=_requests(message, consent),
        frozen=frozen,
        a2p_approved=settings.SMS_A2P_CAMPAIGN_STATUS == A2P_APPROVED,
        template_approved=is_approved(message.template_version, organization_id=message.organization_id),
        lint=_lint(message, body),
        segments=measure(body).count,
        sent_today=today,
        sent_this_week=this_week,
        human_contact_today=message.check_in is not None and met_today,
        zones=zones,
        states=quiet_hours.states_for(residence_state=state, area_code_state=quiet_hours.state_of_area_code(area_code)),
        organization_window=Week.daily(settings.SMS_WINDOW),
        client_window=wishes.window,
        per_day=settings.SMS_MAX_PER_DAY,
        per_week=settings.SMS_MAX_PER_WEEK,
    )


def _lint(message: Message, body: str) -> str | None:
    """Return the linter's refusal, but for words that a supervisor let pass knowingly (SMS-42)."""
    found = lint(body)
    staff = message.kind == MessageKind.STAFF and found == PHI
    return None if staff and message.staff_text.override_reason else found


def _episode(message: Message) -> Episode | None:
    if message.check_in is not None:
        return message.check_in.plan.episode
    mine = Episode.objects.open().filter(client_id=message.client_id, organization_id=message.organization_id)
    return mine.order_by("-opened_at").first()


def _answers(message: Message, *questions: Q) -> list[bool]:
    """Return whether each of these holds, asked in one statement: every text waits for the answers."""
    asked = {f"answer_{place}": ExpressionWrapper(each, BooleanField()) for place, each in enumerate(questions)}
    return list(Message.objects.filter(pk=message.pk).annotate(**asked).values_list(*asked).get())


def _frozen(point: ContactPoint) -> Q:
    """True while a crisis by text is neither closed nor taken off the worklist (SMS-62).

    A text from a number that several share is nobody's by name: it freezes the number, for everybody who has it.
    """
    item = WorkItem.objects.open().filter(client_id=point.client_id, kind=ItemKind.REPLY_CRISIS)
    nobodys = InboundText.objects.filter(client__isnull=True, contact_point__value=point.value)
    crises = nobodys.filter(understood_as=Understood.CRISIS).values("pk")
    of_the_number = RiskAlert.objects.unclosed().filter(what=What.CRISIS_TEXT, source_id__in=crises)
    return Q(Exists(item)) | Q(Exists(RiskAlert.objects.freezing_texts(point.client_id))) | Q(Exists(of_the_number))


def is_running(plan: CheckInPlan) -> bool:
    """True while a plan checks in: active, and not of a stage that its episode has left meanwhile (STG-13)."""
    episode = plan.episode
    stage = episode.held_stage if episode.stage == Stage.ON_HOLD else episode.stage
    return plan.status == PlanStatus.ACTIVE and plan.stage in ("", str(stage))


def _wishes(message: Message) -> Wishes:
    """Return what the client wished of texts that nobody asked for: hours, no reminders (CHK-09)."""
    return wishes_of(message.client_id, message.organization_id) if message.kind in CAPPED else Wishes()


def _stands(message: Message) -> bool:
    if message.attendance_id is None or message.appointment_at is None:
        return True
    return Attendance.objects.stands(message.attendance_id, message.appointment_at)


def _met_today(message: Message, zones: frozenset[str], *, at: datetime) -> Q:
    """True when somebody of the organization met or reached the client on the client's local day (CHK-01).

    Only of the organization that asks: a check-in left out must not tell it of another's sessions. Where several zones
    are possible, any of their days counts.
    """
    met = Attendance.objects.filter(client=message.client_id, session__organization=message.organization_id)
    reached = ContactAttempt.objects.filter(client=message.client_id, reached=True, at__lte=at)
    ours = reached.filter(organization=message.organization_id).in_force()
    found = Q(Value(False))
    for name, zone in ((name, zone_named(name)) for name in sorted(zones)):
        if zone is not None:
            today = at.astimezone(zone).date()
            found |= Q(Exists(met.came_on(today, name))) | Q(Exists(ours.filter(at__gte=_midnight(at, zone, back=0))))
    return found


def _takes_texts(point: ContactPoint) -> bool:
    return point.ended_at is None and point.status not in (ContactStatus.INVALID, ContactStatus.NOT_MOBILE)


def _requests(message: Message, consent: TextingConsent | None) -> int:
    """Count the requests for a YES since the client last agreed towards staff (SMS-04: once)."""
    if message.kind != MessageKind.OPT_IN_REQUEST or consent is None:
        return 0
    others = Message.objects.filter(contact_point=message.contact_point_id, kind=message.kind).exclude(pk=message.pk)
    return others.filter(_handed_over(), created_at__gte=consent.changed_at).count()


def _counts(message: Message, zones: frozenset[str], *, at: datetime) -> tuple[int, int]:
    """Return how many counted texts the client got on this local day and in this local week (SMS-05).

    Where several zones are possible the longer day counts. A text that may have gone out counts as one that did.
    Requests for consent are neither counted nor held back: one that is refused would never be repeated.
    """
    if message.kind not in CAPPED:
        return 0, 0
    known = [zone for name in zones if (zone := zone_named(name)) is not None] or [ZoneInfo("UTC")]
    day = min(_midnight(at, zone, back=0) for zone in known)
    week = min(_midnight(at, zone, back=at.astimezone(zone).weekday()) for zone in known)
    others = Message.objects.filter(client_id=message.client_id, kind__in=CAPPED).exclude(pk=message.pk)
    sent = others.filter(Q(sent_at__gte=week) | Q(sent_at__isnull=True, status=MessageStatus.UNKNOWN))
    moments = [moment or at for moment in sent.values_list("sent_at", flat=True)]
    return sum(moment >= day for moment in moments), len(moments)


def _handed_over() -> Q:
    return Q(sent_at__isnull=False) | Q(status=MessageStatus.UNKNOWN)


def _midnight(at: datetime, zone: ZoneInfo, *, back: int) -> datetime:
    day = at.astimezone(zone).date() - timedelta(days=back)
    return datetime.combine(day, time(), zone).astimezone(UTC)
