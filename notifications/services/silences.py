"""Taking the steps that a client's silence has come to (CHK-06): a note, a task, calls, a supervisor.

Every step is written once per silence. What the client hears of it is a person, never another automated text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Max

from casemgmt.accounts.roles import Role
from casemgmt.chart.models import ContactAttempt
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import HOUSE
from casemgmt.sessions.models import Attendance
from casemgmt.worklist.models import ItemKind, Priority
from casemgmt.worklist.services import NewItem, close_items, open_item
from notifications.models import CheckIn, CheckInStatus, InboundText, SilenceStep, TextingConsent, TextingState
from notifications.silence import Silence, Step, steps_of

from .business_days import end_of_next_business_day
from .settling import TEXTING

WORK = {
    Step.TASK: (ItemKind.CHECK_INS_UNANSWERED, Role.CASE_MANAGER, Priority.NORMAL),
    Step.OUTREACH: (ItemKind.CHECK_IN_OUTREACH, Role.CASE_MANAGER, Priority.TODAY),
    Step.SUPERVISOR: (ItemKind.CHECK_IN_UNREACHED, Role.SUPERVISOR, Priority.TODAY),
}
KINDS = tuple(kind for kind, _, _ in WORK.values())
BATCH = 200


def watch_silences(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Look at every episode with a check-in that nobody answered of late, each in its own transaction.

    Returns how many steps were taken. Asked again, it takes none twice.
    """
    with acting_as(TEXTING):
        people = CheckIn.objects.exclude(client__in=settings.TRACER_CLIENTS)
        episodes = list(people.unanswered_of_late(clock.now()))
    taken = 0
    for episode_id in episodes:
        if not keep_on():
            break
        taken += look_at(episode_id)
    return taken


@acting_as(TEXTING)
def look_at(episode_id: UUID) -> int:
    """Take the steps that the silence of one episode's client has come to; return how many were new."""
    at = clock.now()
    episode = Episode.objects.filter(pk=episode_id).select_related("client").first()
    if episode is None or not _may_climb(episode):
        return 0
    missed = _missed_in_a_row(episode)
    if not missed:
        return 0
    first = missed[0]
    began = first.asked_at or first.due_at
    calls = _calls_in_vain(episode, since=began)
    silence = Silence(str(episode.stage), len(missed), at - began, calls)
    return sum(_take(step, episode, first, unanswered=len(missed), at=at) for step in steps_of(silence))


def heard_of(client_id: UUID, *, at: datetime, actor: Actor) -> None:
    """Close what a client's silence had opened in whichever organization: they were heard of."""
    with acting_as(HOUSE):
        since = SilenceStep.objects.filter(client_id=client_id).values_list("since_id", flat=True)
        for source_id in set(since):
            close_items(source_id=source_id, kinds=KINDS, outcome="heard_of", at=at, actor=actor)


def _may_climb(episode: Episode) -> bool:
    """False on hold, after the end, after a death, and for who stopped the texts: that is no silence (CHK-06)."""
    if not episode.is_open or episode.stage == Stage.ON_HOLD or episode.client.deceased:
        return False
    consents = TextingConsent.objects.filter(client_id=episode.client_id, state=TextingState.OPTED_IN)
    return consents.exists()


def _missed_in_a_row(episode: Episode) -> list[CheckIn]:
    """Return the check-ins that nobody answered since the client was last heard of, oldest first."""
    rows = CheckIn.objects.filter(plan__episode=episode, status=CheckInStatus.MISSED).order_by("asked_at", "id")
    heard = last_heard(episode)
    return list(rows.filter(asked_at__gt=heard) if heard is not None else rows)


def last_heard(episode: Episode) -> datetime | None:
    """Return when the client was last heard of: an answer, any text, a meeting or a call that reached them."""
    client_id, organization_id = episode.client_id, episode.organization_id
    answered = CheckIn.objects.filter(plan__episode=episode, status=CheckInStatus.ANSWERED)
    texts = InboundText.objects.filter(client_id=client_id)
    met = Attendance.objects.filter(client_id=client_id, session__organization_id=organization_id)
    reached = ContactAttempt.objects.filter(episode=episode, reached=True).in_force()
    found = (
        answered.aggregate(last=Max("ended_at"))["last"],
        texts.aggregate(last=Max("received_at"))["last"],
        met.last_contact(),
        reached.aggregate(last=Max("at"))["last"],
    )
    return max((each for each in found if each is not None), default=None)


def _calls_in_vain(episode: Episode, *, since: datetime) -> int:
    """Count the calls that reached nobody since outreach was asked for."""
    asked = SilenceStep.objects.filter(episode=episode, step=Step.OUTREACH, at__gte=since).order_by("-seq").first()
    if asked is None:
        return 0
    calls = ContactAttempt.objects.filter(episode=episode, channel="phone", reached=False, at__gte=asked.at)
    return calls.in_force().count()


def _take(step: Step, episode: Episode, first: CheckIn, *, unanswered: int, at: datetime) -> bool:
    """Write one step unless it was taken, and put its work on the list."""
    if SilenceStep.objects.filter(since=first, step=step).exists():
        return False
    row = SilenceStep(
        client_id=episode.client_id,
        episode=episode,
        organization_id=episode.organization_id,
        since=first,
        step=step,
        unanswered=unanswered,
        at=at,
    )
    SilenceStep.objects.bulk_create([row], ignore_conflicts=True)
    if step in WORK:
        kind, role, priority = WORK[step]
        item = NewItem(
            organization_id=episode.organization_id,
            client_id=episode.client_id,
            kind=kind,
            due_at=end_of_next_business_day(episode.organization_id, at=at),
            source_type="check_in",
            source_id=first.id,
            priority=priority,
            role=role,
        )
        open_item(item, actor=TEXTING)
    return True
