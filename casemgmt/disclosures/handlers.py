"""The work that consents, restrictions, emergencies and accountings ask of people. Rows only, with the fact.

What privacy officers judge names no client: they need not see whom it is about.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from casemgmt.accounts.roles import Role
from casemgmt.consent.models import Consent, Disclosure
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.policies.catalog import Policy
from casemgmt.policies.services import policy_of
from casemgmt.worklist.models import ItemKind, Priority
from casemgmt.worklist.services import NewItem, close_items, open_item, privacy_role

from .models import AccountingRequest, EmergencyDisclosure, OralDisclosure

OF_CONSENTS = (ItemKind.CONSENT_REVOCATION, ItemKind.CONSENT_DISPUTED, ItemKind.CONSENT_EXPIRING)
OF_FACTS = (
    ItemKind.EMERGENCY_TOLD,
    ItemKind.EMERGENCY_FACTS,
    ItemKind.EMERGENCY_OVERDUE,
    ItemKind.EMERGENCY_STILL_OVERDUE,
)


def confirm_revocation(event: Event, *, actor: Actor) -> None:
    """Ask somebody to ask the client, the same day (P2-19a). `now` route of `consent.revocation_asked`."""
    due = clock.now() + timedelta(hours=_policy(event).revocation_confirm_hours)
    _about_client(event, ItemKind.CONSENT_REVOCATION, due, actor=actor, source="consent", priority=Priority.TODAY)


def settle_dispute(event: Event, *, actor: Actor) -> None:
    """Ask somebody to find out (P2-18). `now` route of `consent.disputed`."""
    due = clock.now() + timedelta(days=1)
    _about_client(event, ItemKind.CONSENT_DISPUTED, due, actor=actor, source="consent", priority=Priority.TODAY)


def ask_again(event: Event, *, actor: Actor) -> None:
    """Ask somebody to ask the client for a new consent before this one ends. `now` route of `consent.expiring`."""
    ends = Consent.objects.values_list("expires_at", flat=True).get(pk=event.subject_id)
    _about_client(event, ItemKind.CONSENT_EXPIRING, ends or clock.now(), actor=actor, source="consent")


def stop_confirming(event: Event, *, actor: Actor) -> None:
    """What the client had written was not meant. `now` route of `consent.revocation_not_meant`."""
    _close(event, (ItemKind.CONSENT_REVOCATION,), "not_meant", actor=actor)


def stop_settling(event: Event, *, actor: Actor) -> None:
    """A doubt was settled. `now` route of `consent.dispute_settled`."""
    _close(event, (ItemKind.CONSENT_DISPUTED,), "settled", actor=actor)


def follow_end(event: Event, *, actor: Actor) -> None:
    """What ended needs nothing more. `now` route of `consent.revoked`, `.expired`, `.superseded` and `.narrowed`.

    Taken back for one recipient, the rest still ends on its day.
    """
    kinds: tuple[ItemKind, ...] = OF_CONSENTS
    if event.payload.get("recipient_id"):
        kinds = (ItemKind.CONSENT_REVOCATION,)
    _close(event, kinds, event.topic.split(".")[1], actor=actor)


def tell_holders(event: Event, *, actor: Actor) -> None:
    """Ask somebody to tell those who hold something already (P2-19). `now` route of `consent.revoked`.

    Taken back for one recipient, only that one is told. Who is on the system loses a packet by itself, in referrals;
    that does not unsay what was said, sent or printed.
    """
    recipient = event.payload.get("recipient_id")
    told = Disclosure.objects.under(event.subject_id, recipient_id=UUID(str(recipient)) if recipient else None)
    if told.exists():
        due = clock.now() + timedelta(days=1)
        kind = ItemKind.RECIPIENTS_TO_TELL
        _about_client(event, kind, due, actor=actor, source="consent", priority=Priority.TODAY)


def answer_restriction(event: Event, *, actor: Actor) -> None:
    """Ask the privacy officer for an answer (P2-50). `now` route of `restriction_request.recorded`."""
    due = clock.now() + timedelta(days=_policy(event).restriction_answer_days)
    role = privacy_role(_organization(event))
    _about_client(event, ItemKind.RESTRICTION_ASKED, due, actor=actor, source="restriction_request", role=role)


def restriction_answered(event: Event, *, actor: Actor) -> None:
    """The request has its answer. `now` route of `restriction_request.agreed` and `.declined`."""
    _close(event, (ItemKind.RESTRICTION_ASKED,), event.topic.split(".")[1], actor=actor)


def owe_accounting(event: Event, *, actor: Actor) -> None:
    """Ask the privacy officer for the accounting in time; extended, by the new day (P2-57).

    `now` route of `accounting_request.recorded` and `.extended`.
    """
    due = AccountingRequest.objects.values_list("due_at", flat=True).get(pk=event.subject_id)
    _close(event, (ItemKind.ACCOUNTING_DUE,), "extended", actor=actor)
    role = privacy_role(_organization(event))
    _about_client(event, ItemKind.ACCOUNTING_DUE, due, actor=actor, source="accounting_request", role=role)


def accounting_given(event: Event, *, actor: Actor) -> None:
    """The client has the accounting. `now` route of `accounting_request.delivered`."""
    _close(event, (ItemKind.ACCOUNTING_DUE,), "delivered", actor=actor)


def owe_statement(event: Event, *, actor: Actor) -> None:
    """Ask who spoke to read or send the statement (P2-32). `now` route of `oral_disclosure.recorded`."""
    oral = OralDisclosure.objects.get(pk=event.subject_id)
    if oral.statement_how:
        return
    due = clock.now() + timedelta(hours=_policy(event).statement_owed_hours)
    _about_client(
        event, ItemKind.STATEMENT_OWED, due, actor=actor, source="oral_disclosure", assignee_id=oral.spoken_by
    )


def statement_given(event: Event, *, actor: Actor) -> None:
    """The recipient has the statement. `now` route of `oral_disclosure.stated`."""
    _close(event, (ItemKind.STATEMENT_OWED,), "given", actor=actor)


def tell_of_emergency(event: Event, *, actor: Actor) -> None:
    """Tell the privacy officers at once, and ask who told for the facts (P2-61). `emergency_disclosure.opened`."""
    emergency = EmergencyDisclosure.objects.get(pk=event.subject_id)
    due = emergency.facts_due_at
    _judged(event, ItemKind.EMERGENCY_TOLD, due, role=privacy_role(_organization(event)), actor=actor)
    _about_client(
        event,
        ItemKind.EMERGENCY_FACTS,
        due,
        actor=actor,
        source="emergency_disclosure",
        priority=Priority.NOW,
        assignee_id=emergency.opened_by,
    )


def climb(event: Event, *, actor: Actor) -> None:
    """Tell the privacy officers that facts are overdue. `now` route of `emergency_disclosure.overdue`."""
    role = privacy_role(_organization(event))
    _judged(event, ItemKind.EMERGENCY_OVERDUE, clock.now(), role=role, actor=actor)


def climb_higher(event: Event, *, actor: Actor) -> None:
    """Tell the supervisors that they still are. `now` route of `emergency_disclosure.still_overdue`."""
    _judged(event, ItemKind.EMERGENCY_STILL_OVERDUE, clock.now(), role=Role.SUPERVISOR, actor=actor)


def ask_for_judgment(event: Event, *, actor: Actor) -> None:
    """Ask the privacy officers to judge what is whole now. `now` route of `emergency_disclosure.closed`."""
    _close(event, OF_FACTS, "closed", actor=actor)
    due = clock.now() + timedelta(hours=_policy(event).emergency_review_hours)
    _judged(event, ItemKind.EMERGENCY_REVIEW, due, role=privacy_role(_organization(event)), actor=actor)


def judged(event: Event, *, actor: Actor) -> None:
    """It was judged. `now` route of `emergency_disclosure.reviewed`."""
    _close(event, (ItemKind.EMERGENCY_REVIEW,), "reviewed", actor=actor)


def _policy(event: Event) -> Policy:
    return policy_of(_organization(event))


def _organization(event: Event) -> UUID:
    if event.organization_id is None:
        raise RuntimeError(f"{event.topic} names no organization")
    return event.organization_id


def _close(event: Event, kinds: tuple[ItemKind, ...], outcome: str, *, actor: Actor) -> None:
    close_items(source_id=event.subject_id, kinds=kinds, outcome=outcome, at=clock.now(), actor=actor)


def _judged(event: Event, kind: ItemKind, due: datetime, *, role: Role, actor: Actor) -> None:
    item = NewItem(
        organization_id=_organization(event),
        client_id=None,
        kind=kind,
        due_at=due,
        source_type="emergency_disclosure",
        source_id=event.subject_id,
        priority=Priority.NOW,
        role=role,
    )
    open_item(item, actor=actor)


def _about_client(  # noqa: PLR0913 - the columns of one item
    event: Event,
    kind: ItemKind,
    due: datetime,
    *,
    actor: Actor,
    source: str,
    priority: Priority = Priority.NORMAL,
    role: Role = Role.CASE_MANAGER,
    assignee_id: UUID | None = None,
) -> None:
    item = NewItem(
        organization_id=_organization(event),
        client_id=event.client_id,
        kind=kind,
        due_at=due,
        source_type=source,
        source_id=event.subject_id,
        priority=priority,
        role=role,
        assignee_id=assignee_id,
    )
    open_item(item, actor=actor)
