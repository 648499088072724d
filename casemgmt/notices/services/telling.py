"""Who is to be told of which work: from items that nobody was written to about, to letters that wait.

The item itself is the queue. It is written in the transaction of the fact, so nothing that waits for somebody can be
without its notice, and what never came to be leaves none; marking it and writing the letter is one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import OperationalError, connection

from casemgmt.accounts.models import Membership, Organization
from casemgmt.care_team.models import CareTeamMember
from casemgmt.kernel import clock
from casemgmt.kernel.wall import acting_as
from casemgmt.notices.models import Immediately, Mail, MailKind, Preference
from casemgmt.notices.timing import BETWEEN_URGENT, next_digest
from casemgmt.worklist.duty import DOES_WORK_OF
from casemgmt.worklist.models import Priority, WorkItem
from casemgmt.worklist.querysets import ASKS_EVERYBODY
from casemgmt.worklist.services import mark_told

from .preferences import NOTICES, preferences_of, zone_of

AT_ONCE = {
    Immediately.URGENT: Priority.NOW,
    Immediately.TODAY: Priority.TODAY,
    Immediately.ALL: Priority.NORMAL,
}

log = logging.getLogger(__name__)


def tell(*, limit: int = 200, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Write the letters for up to `limit` new and overdue items each; return how many items that were.

    Safe in any number of copies. One that cannot be told of does not hold up the others for good: items are claimed
    one by one, most urgent first, and what breaks is left out of this round (F20).
    """
    done = 0
    for late in (False, True):
        broken: list[UUID] = []
        for _ in range(limit):
            if not keep_on():
                return done
            worked = _tell_one(late=late, but=broken)
            if worked is None:
                break
            done += worked
    return done


def _tell_one(*, late: bool, but: list[UUID]) -> int | None:
    """Tell of one item: 1 when told, 0 when it broke (and is in `but`), None when none is left."""
    found: list[UUID] = []
    try:
        return _claim_and_tell(found, late=late, but=but)
    except Exception as error:
        if isinstance(error, OperationalError) and not connection.is_usable():
            raise
        if not found:
            raise
        but += found
        log.error("telling of item %s broke with %s", found[0], type(error).__name__)
        return 0


@acting_as(NOTICES, durable=True)
def _claim_and_tell(found: list[UUID], *, late: bool, but: list[UUID]) -> int | None:
    rows = WorkItem.objects.late_untold() if late else WorkItem.objects.untold()
    items = rows.exclude(pk__in=but).claim(1)
    if not items:
        return None
    (item,) = items
    found.append(item.pk)
    at = clock.now()
    organization = Organization.objects.get(pk=item.organization_id)
    people = whom_to_tell(item)
    for user_id, preference in preferences_of(people, organization_id=organization.id).items():
        _write(item, preference, user_id=user_id, organization=organization, at=at)
    mark_told([item], late=late, at=at)
    return 1


def whom_to_tell(item: WorkItem) -> list[UUID]:
    """Return to whom an item falls, as their worklist shows it; of an urgent one without anybody, who may do it."""
    here = Membership.objects.filter(
        organization_id=item.organization_id, ended_at__isnull=True, user__is_active=True
    ).order_by("user_id")
    if item.assignee_id is not None and here.filter(user_id=item.assignee_id).exists():
        return [item.assignee_id]
    if item.client_id is not None and item.source_type != ASKS_EVERYBODY:
        team = CareTeamMember.objects.filter(
            client_id=item.client_id, organization_id=item.organization_id, role=item.role
        ).serving()
        if nearer := list(team.values_list("user_id", flat=True).distinct()):
            return nearer
    holders = list(here.filter(role=item.role).values_list("user_id", flat=True).distinct())
    if not holders and item.priority == Priority.NOW:
        holders = list(here.filter(role__in=DOES_WORK_OF[item.role]).values_list("user_id", flat=True).distinct())
    return holders


def _write(item: WorkItem, wishes: Preference, *, user_id: UUID, organization: Organization, at: datetime) -> None:
    whose = {"user_id": user_id, "organization_id": organization.id}
    if item.priority <= AT_ONCE[Immediately(wishes.immediately)]:
        last = Mail.objects.last_urgent_at(**whose)
        due_at = max(at, last + BETWEEN_URGENT) if last else at
        Mail.objects.all().fold(**whose, kind=MailKind.URGENT, due_at=due_at, digest_on=None, item_ids=[item.id])
    elif wishes.digest:
        day, due_at = next_digest(
            at,
            hour=wishes.digest_hour,
            weekdays=wishes.digest_weekdays,
            zone=zone_of(wishes, organization),
            after=Mail.objects.last_digest_on(**whose),
        )
        Mail.objects.all().fold(**whose, kind=MailKind.DIGEST, due_at=due_at, digest_on=day, item_ids=[])
