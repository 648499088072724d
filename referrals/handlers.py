"""What referrals do when the ground they stand on falls away. Rows only, in the transaction of the fact (`now`)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.consent.disclosures import judge
from casemgmt.consent.models import Consent
from casemgmt.episodes.stages import TERMINAL
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.events import Event
from programs.models import Enrollment

from .consequences import ReferralOrder, hide
from .models import Referral
from .standing import ReferralFacts, Side, wish_of
from .steps import write_step
from .words import OPEN, UNANSWERED, UNSENT, ReferralStage, StopReason

STILL_SEEN = (ReferralStage.COMPLETED, ReferralStage.FAILED)  # REF-04: for thirty days

# Nobody decides here: the machine acts for the sender. Who made the fact stands in the fact's own audit row.
STOPPER = Actor(ActorKind.SYSTEM, roles=CASE_MANAGER_AND_UP, name="referral-ground")


def stop_relying(event: Event, *, actor: Actor) -> None:
    """Stop what relied on a consent that was taken back or ran out (REF-02). `now` route of `consent.revoked`.

    Unanswered referrals are cancelled, ready ones wait for a consent again. One that was taken goes on as the client
    wishes, but its packet is shown no longer; the same holds for one that ended and was still to be seen.
    `recipient_id` in the payload names the only recipient concerned, None all of them.
    """
    rows = Referral.objects.filter(consent_id__in=_line_of(event.subject_id), stage__in=[*OPEN, *STILL_SEEN])
    recipient = event.payload.get("recipient_id")
    if recipient:
        rows = rows.filter(receiver_id=UUID(str(recipient)))
    at = clock.now()
    for referral in rows.lock_all():
        if referral.stage in UNANSWERED:
            _stop([referral], StopReason.CONSENT_ENDED)
        else:
            hide(referral, at=at, actor=STOPPER)
    _judge_anew(event, ReferralStage.READY, "await_consent", covered=False)


def _line_of(consent_id: UUID) -> list[UUID]:
    """Return a consent and those that it took the place of: what left under them stood on it ever since."""
    line: list[UUID] = []
    following: UUID | None = consent_id
    while following is not None:
        line.append(following)
        following = Consent.objects.values_list("supersedes_id", flat=True).get(pk=following)
    return line


def look_again(event: Event, *, actor: Actor) -> None:
    """Make ready what waited for a consent that covers it (§9, ready). `now` route of `consent.activated`."""
    _judge_anew(event, ReferralStage.CONSENT_PENDING, "make_ready", covered=True)


def _judge_anew(event: Event, stage: ReferralStage, verb: str, *, covered: bool) -> None:
    """Take a verb of each referral at a stage, of the consent's client and organization, that consents now allow."""
    consent = Consent.objects.get(pk=event.subject_id)
    whose = {"client_id": consent.client_id, "organization_id": consent.organization_id}
    waiting = list(Referral.objects.filter(**whose, stage=stage).lock_all())
    if not waiting:
        return
    consents = list(Consent.objects.to_disclose(**whose))
    at = clock.now()
    for referral in waiting:
        verdict = judge(wish_of(referral), consents, at=at)
        if verdict.permitted is covered:
            facts = ReferralFacts(Side.GROUND, verdict)
            write_step(referral, ReferralOrder(verb), facts=facts, at=at, actor=STOPPER)


def close_for_death(event: Event, *, actor: Actor) -> None:
    """Close every open referral of a client who died, from and to whichever organization (T17). `client.died`."""
    _stop(Referral.objects.filter(client_id=event.subject_id, stage__in=OPEN).lock_all(), StopReason.CLIENT_DECEASED)


def close_with_episode(event: Event, *, actor: Actor) -> None:
    """Close what an ended episode still asked for; what was accepted goes on. `now` route of `episode.*`."""
    if event.payload.get("to") not in TERMINAL:
        return
    rows = Referral.objects.filter(episode_id=event.subject_id, stage__in=[*UNSENT, *UNANSWERED])
    _stop(rows.lock_all(), StopReason.EPISODE_ENDED)


def close_moot(event: Event, *, actor: Actor) -> None:
    """Close what asked for a service that the client gets elsewhere now (F3). `now` route of `enrollment.activated`.

    Of the enrollment's episode, what is of the same kind and for another program; what was taken goes on.
    """
    enrollment = Enrollment.objects.select_related("program").get(pk=event.subject_id)
    rows = Referral.objects.filter(
        episode_id=enrollment.episode_id, kind=enrollment.program.kind, stage__in=[*UNSENT, *UNANSWERED]
    )
    _stop(rows.exclude(program_id=enrollment.program_id).lock_all(), StopReason.ANOTHER_WAY)


def _stop(rows: Iterable[Referral], reason: StopReason) -> None:
    at = clock.now()
    order = ReferralOrder("stop", {"stop_reason": reason.value})
    for referral in rows:
        write_step(referral, order, facts=ReferralFacts(Side.GROUND), at=at, actor=STOPPER)
