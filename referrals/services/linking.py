"""Links by which a provider without an account sees one packet and answers (F3). Doors.

Link and PIN travel apart: the link by mail, the PIN by voice. Neither is kept; both together open the packet once, for
a session of some hours. Whatever ends the receiver's sight of a packet ends it for a link too: a link holds a grant.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from casemgmt.access.models import Reason, Scope
from casemgmt.access.services import grant, revoke_grants
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.audit.record import record
from casemgmt.calendars.services import calendar_of
from casemgmt.clients.services import require_role
from casemgmt.consent.disclosures import judge
from casemgmt.consent.models import Consent
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.errors import Conflict, NotPermitted, NotVisible, Refused
from casemgmt.kernel.wall import acting_as
from casemgmt.policies.services import policy_of
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import close_items
from referrals import telling
from referrals.models import LinkEnd, Referral, ReferralLink
from referrals.models.link import MOST_TRIES
from referrals.standing import Side, side_of, wish_of
from referrals.words import UNSENT

SESSION = timedelta(hours=8)  # from opening: a working day's look and answer
DIGITS = 6
DOOR = Actor.system("referral-link")


class LinkRefused(NotPermitted):
    """A link and PIN that open nothing: unknown, wrong, used, too late, taken back. One answer for all of them."""

    code = "link_refused"
    sentence = "This link and PIN open nothing. Ask who referred the client for a new link."


@dataclass(frozen=True, slots=True)
class Told:
    """What is told once: the link that was made, its token for the address, the PIN to be told by voice."""

    link: ReferralLink
    token: str
    pin: str


@dataclass(frozen=True, slots=True)
class Session:
    """What opening a link gives: the secret that goes with every request until `ends_at` (aware UTC)."""

    secret: str
    ends_at: datetime


@transaction.atomic
def make_link(*, referral_id: UUID, recipient_name: str, actor: Actor) -> Told:
    """Make the link of a referral that was sent to a provider without accounts; the one before ends.

    The consents are judged again and held (P2-18). Raises NotVisible, NotPermitted (also `not_your_side`), Conflict
    (`referral_not_sent`, `referral_ended`, `receiver_has_accounts`), Refused with the code of what the nearest consent
    lacks.
    """
    seen = Referral.objects.visible_to(actor).fetch(referral_id)
    consents = Consent.objects.held(client_id=seen.client_id, organization_id=seen.organization_id)
    referral = Referral.objects.visible_to(actor).select_related("receiver").lock(referral_id)
    _require_may(referral, actor=actor)
    at = clock.now()
    verdict = judge(wish_of(referral), consents, at=at)
    if verdict.consent_id is None:
        raise Refused(
            verdict.lacks[0].sentence, code=verdict.codes[0], missing=[asdict(each) for each in verdict.lacks]
        )
    _end_live(referral, LinkEnd.REPLACED, at=at, actor=actor)
    token, pin = secrets.token_urlsafe(32), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    hours = policy_of(referral.organization_id).referral_link_hours
    link = ReferralLink.objects.create(
        referral=referral,
        recipient_name=recipient_name,
        token_hash=_digest(token),
        pin_hash=_digest(token, pin),
        expires_at=at + timedelta(hours=hours),
        made_by=actor.id,
    )
    covering = next(each for each in consents if each.id == verdict.consent_id)
    _show(referral, link, until=covering.expires_at, actor=actor)
    record("referral_link.made", actor=actor, object_type="referral_link", object_id=link.id)
    close_items(source_id=referral.id, kinds=(ItemKind.REFERRAL_LINK,), outcome="made", at=at, actor=actor)
    return Told(link, token, pin)


def _require_may(referral: Referral, *, actor: Actor) -> None:
    require_role(actor, CASE_MANAGER_AND_UP)
    if side_of(referral, actor) is not Side.SENDER:
        raise NotPermitted("Only the sender makes links.", code="not_your_side")
    if referral.stage in UNSENT:
        raise Conflict("Send the referral first.", code="referral_not_sent")
    if not referral.is_open:
        raise Conflict("The referral has ended.", code="referral_ended")
    if referral.receiver.joined:
        raise Conflict("The receiver has accounts and finds it in the inbox.", code="receiver_has_accounts")


def _show(referral: Referral, link: ReferralLink, *, until: datetime | None, actor: Actor) -> None:
    """Let the link's user, and nobody else of the receiver's, see the packet while link, session and consent last."""
    last = link.expires_at + SESSION
    grant(
        client_id=referral.client_id,
        organization_id=referral.receiver_id,
        user_id=link.id,
        reason=Reason.REFERRAL,
        scope=Scope.PACKET,
        source_id=referral.id,
        expires_at=last if until is None else min(last, until),
        actor=actor,
    )


def _end_live(referral: Referral, because: LinkEnd, *, at: datetime, actor: Actor) -> None:
    for link in ReferralLink.objects.live().filter(referral=referral):
        link.ended_at, link.ended_because = at, because
        link.save_changes("ended_at", "ended_because", at=at)
        revoke_grants(source_id=referral.id, at=at, actor=actor)


@transaction.atomic
def revoke_link(*, link_id: UUID, actor: Actor) -> None:
    """Take a link back: it opens nothing from this commit on, and a session that came in by it ends.

    Raises NotVisible, NotPermitted, Conflict `link_ended`.
    """
    seen = ReferralLink.objects.visible_to(actor).filter(pk=link_id).first()
    if seen is None:
        raise NotVisible()
    referral = Referral.objects.visible_to(actor).lock(seen.referral_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    if not ReferralLink.objects.live().filter(pk=link_id).exists():
        raise Conflict("The link has ended.", code="link_ended")
    _end_live(referral, LinkEnd.REVOKED, at=clock.now(), actor=actor)
    record("referral_link.revoked", actor=actor, object_type="referral_link", object_id=link_id)


@acting_as(DOOR)
def count_try(token: str) -> None:
    """Count one try at a link's PIN, for good, before anybody judges it: many at once are no way around the limit.

    Who is turned away by the limit makes work for the sender, once.
    """
    link = ReferralLink.objects.live().filter(token_hash=_digest(token), opened_at__isnull=True).lock_first()
    if link is None or link.tries > MOST_TRIES:
        return
    ReferralLink.objects.filter(pk=link.pk).update(tries=F("tries") + 1)
    if link.tries < MOST_TRIES:
        return
    referral = Referral.objects.select_related("receiver").get(pk=link.referral_id)
    calendar, policy = calendar_of(referral.receiver_id), policy_of(referral.organization_id)
    telling.ask(referral, telling.LINK, at=clock.now(), calendar=calendar, policy=policy, actor=DOOR)
    record("referral_link.locked", actor=DOOR, object_type="referral_link", object_id=link.id)


@acting_as(DOOR)
def open_link(*, token: str, pin: str) -> Session:
    """Open a link with its PIN, once, and return the session; count_try came before. Raises LinkRefused."""
    link = ReferralLink.objects.live().filter(token_hash=_digest(token)).lock_first()
    at = clock.now()
    right = secrets.compare_digest(_digest(token, pin), link.pin_hash if link else _digest(token))
    if link is None or not right or link.state_at(at) != "waiting":
        raise LinkRefused()
    secret = secrets.token_urlsafe(32)
    link.opened_at, link.session_hash, link.session_ends_at = at, _digest(secret), at + SESSION
    link.save_changes("opened_at", "session_hash", "session_ends_at", at=at)
    record("referral_link.opened", actor=actor_of(link), object_type="referral_link", object_id=link.id)
    return Session(secret, link.session_ends_at)


@acting_as(DOOR)
def come_in(secret: str) -> tuple[Actor, UUID] | None:
    """Return who acts in a live session, and the one referral it opens; None: the secret opens nothing."""
    rows = ReferralLink.objects.in_session(_digest(secret)).select_related("referral")
    link: ReferralLink | None = rows.first()
    return None if link is None else (actor_of(link), link.referral_id)


@acting_as(DOOR)
def finish(actor: Actor) -> None:
    """End the session of whoever came in by a link and is done. Raises LinkRefused when it ended meanwhile."""
    link = ReferralLink.objects.live().filter(pk=actor.id).select_related("referral").first()
    if link is None:
        raise LinkRefused()
    _end_live(link.referral, LinkEnd.FINISHED, at=clock.now(), actor=actor)
    record("referral_link.finished", actor=actor, object_type="referral_link", object_id=link.id)


def actor_of(link: ReferralLink) -> Actor:
    """Return who acts by a link: somebody of the receiver's intake, who sees what the link's grant opens."""
    return Actor(
        ActorKind.OUTSIDE,
        id=link.id,
        organization_id=link.referral.receiver_id,
        roles=frozenset({Role.INTAKE.value}),
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
