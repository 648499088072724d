"""Reviews and certifications of intensive outpatient care (CLN-02): due while IOP leads, decided by people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from casemgmt.accounts.roles import Role
from casemgmt.chart.models import IopReview
from casemgmt.chart.schedule import end_of_day, local_day
from casemgmt.chart.words import SIGNS, IopReviewKind
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, Refused
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.transactions import require_atomic
from casemgmt.policies.catalog import Policy
from casemgmt.policies.services import policy_of
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import NewItem, close_items, open_item

from . import entries
from .stays import lead_since, zone_of

RECORDED = register_topic("iop_review.recorded")
AMENDED = register_topic("iop_review.amended")
ITEMS = {IopReviewKind.REVIEW: ItemKind.IOP_REVIEW, IopReviewKind.RECERTIFICATION: ItemKind.IOP_RECERTIFY}


@dataclass(frozen=True, slots=True)
class NewIopReview:
    """What a review came to. `certified_by` names the physician of a recertification; `reviewed_at` is aware UTC."""

    kind: str
    outcome: str
    note: str = ""
    certified_by: str = ""
    reviewed_at: datetime | None = None


def open_iop_items(episode: Episode, *, actor: Actor) -> None:
    """Put the first review and recertification of the IOP that leads an episode on the worklist (CLN-02)."""
    require_atomic()
    since, policy = lead_since(episode), policy_of(episode.organization_id)
    for kind in ITEMS:
        _ask(kind, episode=episode, since=since, policy=policy, actor=actor)


def close_iop_items(episode: Episode, *, at: datetime, actor: Actor) -> None:
    """Take them off the list: IOP does not lead any longer."""
    close_items(source_id=episode.pk, kinds=tuple(ITEMS.values()), outcome="left_iop", at=at, actor=actor)


@transaction.atomic
def record_iop_review(*, episode_id: UUID, new: NewIopReview, actor: Actor) -> IopReview:
    """Record a review or recertification while IOP leads; the next one falls due from it. Clinicians only.

    Raises NotVisible, NotPermitted (also `outside_peer_scope`), Refused (`not_in_iop`, `client_deceased`), Invalid.
    """
    episode = entries.lock_own_episode(episode_id, actor=actor)
    entries.require_writer(actor, SIGNS)
    if episode.lead != Stage.IOP or not episode.is_open:
        raise Refused("Intensive outpatient care does not lead this episode.", code="not_in_iop")
    entries.require_living(episode)
    at = clock.now()
    row = entries.begin(_row(new, reviewed_at=new.reviewed_at or at, at=at), episode=episode, at=at, actor=actor)
    kind = IopReviewKind(row.kind)
    close_items(source_id=episode.pk, kinds=(ITEMS[kind],), outcome=row.outcome, at=at, actor=actor)
    policy = policy_of(episode.organization_id)
    held = IopReview.objects.in_force().filter(episode=episode, kind=kind)
    latest = held.aggregate(Max("reviewed_at"))["reviewed_at__max"]  # one that is recorded late puts nothing back
    _ask(kind, episode=episode, since=latest, policy=policy, actor=actor)
    entries.tell(RECORDED, row, actor=actor, kind=row.kind, outcome=row.outcome)
    return row


@transaction.atomic
def amend_iop_review(*, review_id: UUID, new: NewIopReview, reason: str, actor: Actor) -> IopReview:
    """Correct what was recorded of a review by a new row of the same kind; what is due stays due.

    Raises NotVisible, NotPermitted, Invalid, Conflict `already_amended`.
    """
    old: IopReview = IopReview.objects.visible_to(actor).fetch(review_id)
    entries.require_writer(actor, SIGNS)
    if new.kind != old.kind:
        raise Invalid(fields={"kind": ["As it was: the other kind is another review."]})
    at = clock.now()
    row = _row(new, reviewed_at=new.reviewed_at or old.reviewed_at, at=at)
    entries.amend(old, row, reason=reason, at=at, actor=actor)
    entries.tell(AMENDED, row, actor=actor, kind=row.kind, outcome=row.outcome)
    return row


def _row(new: NewIopReview, *, reviewed_at: datetime, at: datetime) -> IopReview:
    entries.require_past(reviewed_at, at=at, field="reviewed_at")
    certifies, physician = new.kind == IopReviewKind.RECERTIFICATION, new.certified_by.strip()
    if certifies and not physician:
        raise Invalid(fields={"certified_by": ["Name the physician who certified it (CLN-02)."]})
    if physician and not certifies:
        raise Invalid(fields={"certified_by": ["Only a recertification names a physician."]})
    return IopReview(
        kind=new.kind, outcome=new.outcome, note=new.note.strip(), certified_by=physician, reviewed_at=reviewed_at
    )


def _ask(kind: IopReviewKind, *, episode: Episode, since: datetime, policy: Policy, actor: Actor) -> None:
    zone = zone_of(episode)
    days = policy.iop_review_days if kind is IopReviewKind.REVIEW else policy.iop_recertify_days
    new = NewItem(
        organization_id=episode.organization_id,
        client_id=episode.client_id,
        kind=ITEMS[kind],
        due_at=end_of_day(local_day(since, zone=zone) + timedelta(days=days), zone=zone),
        source_type="episode",
        source_id=episode.pk,
        role=Role.THERAPIST,
    )
    open_item(new, actor=actor)
