"""An organization's own wordings: written, tried, approved by two people, ended (SMS-42). Editing makes a version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import CLINICIANS, Role
from casemgmt.audit.record import record
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from notifications.models import Message, MessageKind, OwnWording, Part, WordingApproval
from notifications.segments import Segments, measure
from notifications.wording import OWN, Key, Language, Template, WordingError, fill_in, lint, named

WRITES_WORDINGS = frozenset({*CLINICIANS, Role.ADMIN.value})
APPROVES_WORDINGS = frozenset({*CLINICIANS, Role.PRIVACY_OFFICER.value})
INCOMPLETE = "wording_incomplete"
BY_HAND = "by_hand"  # the wording of a text that a person wrote: the linter judges it, nobody approves it beforehand

# The longest that may stand in these slots; the other slots are filled with what the organization has.
SAMPLES = {"date": "Wed, Sep 30", "time": "12:30 PM"}
# What a text cannot do without, whoever words it: who writes, the answers we understand, the way out (SMS-02, 20, 23).
NEEDS: dict[Key, tuple[str, ...]] = {
    Key.OPTIN_REQUEST: ("{alias}", "YES", "HELP", "STOP"),
    Key.OPTIN_CONFIRM: ("{alias}", "HELP", "STOP"),
    Key.CHECKIN: ("{alias}", "1", "2", "3", "STOP"),
    Key.REMINDER: ("{alias}", "1", "2", "3", "STOP"),
    Key.APPOINTMENT: ("{alias}", "{date}", "{time}", "STOP"),
    Key.STOP_CONFIRM: ("{alias}", "START"),
    Key.HELP: ("{alias}", "{phone}", "STOP"),
    Key.UNPARSED: ("{alias}", "911"),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """How a wording would look: the text, its size, and the code for which it must not be sent (None: it may)."""

    text: str
    size: Segments
    refusal: str | None


def own_of(organization_id: UUID, *, key: Key) -> list[Template]:
    """Return the organization's approved wordings of a text, at most one of each language. One query."""
    return [row.as_template for row in OwnWording.objects.in_use(organization_id).filter(key=key)]


def is_approved(version: str, *, organization_id: UUID) -> bool:
    """True for the name of a wording that may be sent now: of our set, or approved by both parts and not ended."""
    key, language, number = (version.split(".") + ["", ""])[:3]
    if not number.startswith(OWN):
        return named(version) is not None or version == BY_HAND
    known = OwnWording.objects.filter(organization_id=organization_id, key=key, language=language, ended_at=None)
    found = known.filter(number=int(number.removeprefix(OWN))).first()
    return found is not None and found.approvals.count() == len(Part)


def try_wording(*, key: Key, language: Language, text: str, actor: Actor) -> Tried:
    """Return how a text would look and whether it might be sent. Writes nothing.

    For those who write or approve wordings. Raises NotPermitted, Invalid (`text`: a slot that is not known here, or
    something that this text needs is missing), Refused `wording_incomplete` when the organization lacks what it names.
    """
    _, organization_id = _require(actor, WRITES_WORDINGS | APPROVES_WORDINGS)
    organization = Organization.objects.get(pk=organization_id)
    missing = [need for need in NEEDS[key] if need not in _places_of(need, text)]
    if missing:
        raise Invalid(fields={"text": [f"This text needs {', '.join(missing)}."]})
    known = {"alias": organization.sms_alias, "phone": organization.phone, "email": organization.email, **SAMPLES}
    try:
        filled = fill_in(Template(key, language, 0, text), {slot: value for slot, value in known.items() if value})
    except WordingError as error:
        slot = str(error).split()[1]
        if slot in known:
            raise Refused(f"Your organization has no {slot} yet.", code=INCOMPLETE) from error
        raise Invalid(fields={"text": ["Slots are {alias}, {date}, {time}, {phone} and {email}."]}) from error
    return Tried(filled.text, measure(filled.text), lint(filled.text))


def _places_of(need: str, text: str) -> str | list[str]:
    """Return where to look for it: a slot or a digit anywhere, a word only where it stands for itself."""
    return re.findall(r"[A-Z]+", text) if need.isalpha() else text


@transaction.atomic
def write_wording(*, key: Key, language: Language, text: str, actor: Actor) -> OwnWording:
    """Write the next version of a text. It is sent once both parts approved it; until then the one before is.

    Raises NotPermitted (clinicians and admins write), Invalid, Refused with the linter's code (SMS-40, 41, 50), and
    Conflict `busy` when two write at once.
    """
    user_id, organization_id = _require(actor, WRITES_WORDINGS)
    _refuse_unfit(try_wording(key=key, language=language, text=text, actor=actor))
    here = OwnWording.objects.filter(organization_id=organization_id, key=key, language=language)
    number = (here.aggregate(last=Max("number"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            row = OwnWording.objects.create(
                organization_id=organization_id,
                key=key,
                language=language,
                number=number,
                text=text,
                written_by=user_id,
                written_at=clock.now(),
            )
    except IntegrityError as error:
        raise Conflict("Somebody else writes this text right now.", code="busy") from error
    record("wording.written", actor=actor, object_type="wording", object_id=row.id)
    return row


def _refuse_unfit(tried: Tried) -> None:
    if tried.refusal is not None:
        raise Refused("This text could reveal too much, or is too long. Try it to see.", code=tried.refusal)


@transaction.atomic
def approve_wording(*, wording_id: UUID, actor: Actor) -> OwnWording:
    """Approve a version for the part whose role the actor holds; with both parts it is sent from now on.

    Raises NotVisible, NotPermitted, Conflict (`wording_ended`, `already_approved`: this part is given, or the other one
    was given by the same person), Refused when it would not pass the linter today.
    """
    row: OwnWording = OwnWording.objects.visible_to(actor).lock(wording_id)
    user_id, _ = _require(actor, APPROVES_WORDINGS)
    if row.ended_at is not None:
        raise Conflict("This version was ended.", code="wording_ended")
    given = {each.part: each.approved_by for each in row.approvals.all()}
    mine = [part for part in _parts_of(actor) if part not in given]
    if not mine or actor.id in given.values():
        raise Conflict("It takes two people, one for each part.", code="already_approved")
    _refuse_unfit(try_wording(key=Key(row.key), language=Language(row.language), text=row.text, actor=actor))
    WordingApproval.objects.create(wording=row, part=mine[0], approved_by=user_id, at=clock.now())
    record("wording.approved", actor=actor, object_type="wording", object_id=row.id, reason_code=str(mine[0]))
    return row


@transaction.atomic
def end_wording(*, wording_id: UUID, actor: Actor) -> OwnWording:
    """End a version, approved or not; the one before it is sent again, or ours. An ended one stays ended.

    For who writes or approves wordings. Raises NotVisible, NotPermitted, Conflict `wording_ended`.
    """
    row: OwnWording = OwnWording.objects.visible_to(actor).lock(wording_id)
    _require(actor, WRITES_WORDINGS | APPROVES_WORDINGS)
    if row.ended_at is not None:
        raise Conflict("This version was ended.", code="wording_ended")
    row.ended_at, row.ended_by = clock.now(), actor.id
    row.save(update_fields=["ended_at", "ended_by"])
    record("wording.ended", actor=actor, object_type="wording", object_id=row.id)
    return row


def _parts_of(actor: Actor) -> list[Part]:
    clinician = [Part.CLINICIAN] if actor.has_role(*CLINICIANS) else []
    return clinician + ([Part.PRIVACY] if actor.has_role(Role.PRIVACY_OFFICER) else [])


def _require(actor: Actor, roles: frozenset[str]) -> tuple[UUID, UUID]:
    """Return who acts and for whom; raise NotPermitted for who holds none of `roles`."""
    if actor.id is None or actor.organization_id is None or not actor.has_role(*roles):
        raise NotPermitted(who=sorted(roles))
    return actor.id, actor.organization_id


def words_as_sent(messages: list[Message]) -> dict[UUID, str | None]:
    """Return the words of messages (joined with organization and staff text) by the version each bears. One query.

    None: not worded yet, or its organization lost what the words need.
    """
    organizations = {each.organization_id for each in messages if f".{OWN}" in each.template_version}
    rows = OwnWording.objects.filter(organization_id__in=organizations) if organizations else []
    own = {(row.organization_id, row.as_template.version): row.as_template for row in rows}
    return {each.pk: _as_sent(each, own.get((each.organization_id, each.template_version))) for each in messages}


def _as_sent(message: Message, own: Template | None) -> str | None:
    if message.kind == MessageKind.STAFF:
        return message.staff_text.body
    template = own or named(message.template_version)
    if template is None:
        return None
    organization = message.organization
    known = {"alias": organization.sms_alias, "phone": organization.phone, "email": organization.email}
    try:
        return fill_in(template, {**known, **message.params}).text
    except WordingError:
        return None
