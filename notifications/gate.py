"""The pre-send gate: the ordered questions every text must pass, at planning and again at the moment of sending.

Pure: the facts are gathered by whoever sends. The first refusal is the reason that is stored (CHK-01). To refuse for a
new reason, add a line to GATES; a question without facts has no line, for nothing may say yes in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from . import quiet_hours
from .jurisdictions import Week
from .wording import linter


class Kind(StrEnum):
    """What a text is, as far as the gate is concerned."""

    CHECK_IN = "check_in"
    REMINDER = "reminder"
    APPOINTMENT = "appointment"
    OPT_IN_REQUEST = "opt_in_request"  # asks for consent, so goes without it: once (SMS-04)
    STAFF = "staff"  # a person's own words, in a conversation: no cap, no plan, no freeze, but consent and quiet hours
    REPLY = "reply"  # answers the client's own text: HELP, START, "a human will read this"
    STOP_CONFIRM = "stop_confirm"  # a reply too: the only text that may follow an opt-out (SMS-24)


class TextingConsent(StrEnum):
    """What the ledger of texting consent says of this number (SMS-01, SMS-04)."""

    NONE = "none"
    PENDING = "pending"  # given to us, not yet confirmed from the phone
    OPTED_IN = "opted_in"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True, kw_only=True)
class GateFacts:
    """All the gate may know. Instants are aware UTC.

    The counts are of automated texts already handed to the carrier: on the recipient's local day, and in the local
    week. Replies are not counted (SMS-05). `lint` is the answer of wording.lint for the rendered text.
    """

    kind: Kind
    at: datetime
    due_at: datetime
    not_after: datetime
    episode_open: bool
    episode_on_hold: bool
    client_alive: bool
    plan_active: bool
    number_valid: bool
    consent: TextingConsent
    opt_in_requests: int  # confirmation requests ever sent to this number
    frozen: bool  # an alert stopped automated texts
    a2p_approved: bool  # the carriers let our number send (SMS-07)
    template_approved: bool  # by a clinician and the privacy officer, or with the release it came with (SMS-42)
    lint: str | None
    segments: int
    sent_today: int
    sent_this_week: int
    human_contact_today: bool  # somebody of the organization met or reached the client on the local day
    zones: frozenset[str]
    states: frozenset[str]
    reminders_wanted: bool = True  # the client did not say no to reminders of visits alone
    appointment_stands: bool = True  # a reminder's: the client is still expected at that time
    organization_window: Week = quiet_hours.DEFAULT_WINDOW
    client_window: Week | None = None
    per_day: int = 1
    per_week: int = 3


@dataclass(frozen=True)
class Allowed:
    """Every question was answered with yes."""


@dataclass(frozen=True)
class Refused:
    """Never, as things are: `code` is stored with the message."""

    code: str


@dataclass(frozen=True)
class Deferred:
    """Not before `until` (aware UTC); ask again then (SMS-33)."""

    until: datetime
    code: str


@dataclass(frozen=True)
class Expired:
    """Too late, or would be by the next opening: a person is told, the text is not sent."""

    code: str


Answer = Allowed | Refused | Deferred | Expired

TEMPLATE_NOT_APPROVED = "template_not_approved"
QUIET_HOURS = "sms_quiet_hours"
TOO_LATE = "sms_too_late"

_PLANNED = frozenset({Kind.CHECK_IN, Kind.REMINDER})
_CARE = _PLANNED | {Kind.APPOINTMENT}
_UNASKED = _CARE | {Kind.OPT_IN_REQUEST}  # everything but replies to the client's own text
_QUIET_AT_NIGHT = _UNASKED | {Kind.STAFF}
_ALL = frozenset(Kind)


@dataclass(frozen=True)
class Gate:
    """One question: which kinds must answer it, and with what code it refuses."""

    code: str
    asked_of: frozenset[Kind]
    passes: Callable[[GateFacts], bool]


# In the order of CHK-01.
GATES: tuple[Gate, ...] = (
    Gate("episode_not_open", _UNASKED, lambda facts: facts.episode_open),
    Gate("episode_on_hold", _UNASKED, lambda facts: not facts.episode_on_hold),
    Gate("client_deceased", _ALL, lambda facts: facts.client_alive),
    Gate("plan_not_active", _PLANNED, lambda facts: facts.plan_active),
    Gate("appointment_not_standing", frozenset({Kind.APPOINTMENT}), lambda facts: facts.appointment_stands),
    Gate("sms_reminders_off", frozenset({Kind.APPOINTMENT}), lambda facts: facts.reminders_wanted),
    Gate("sms_number_invalid", _QUIET_AT_NIGHT, lambda facts: facts.number_valid),
    Gate(
        "sms_no_consent",
        _CARE | {Kind.STAFF},
        lambda facts: facts.consent in {TextingConsent.OPTED_IN, TextingConsent.OPTED_OUT},
    ),
    Gate("sms_opted_out", _ALL - {Kind.STOP_CONFIRM}, lambda facts: facts.consent != TextingConsent.OPTED_OUT),
    Gate("sms_opt_in_already_requested", frozenset({Kind.OPT_IN_REQUEST}), lambda facts: facts.opt_in_requests == 0),
    Gate("sms_frozen", _UNASKED, lambda facts: not facts.frozen),
    Gate("a2p_not_registered", _ALL, lambda facts: facts.a2p_approved),
    Gate(TEMPLATE_NOT_APPROVED, _ALL, lambda facts: facts.template_approved),
    Gate(linter.PHI, _ALL, lambda facts: facts.lint != linter.PHI),
    Gate(linter.LINK, _ALL, lambda facts: facts.lint != linter.LINK),
    Gate(linter.TOO_LONG, _ALL, lambda facts: facts.lint != linter.TOO_LONG and facts.segments == 1),
    Gate("sms_cap_day", _UNASKED, lambda facts: facts.sent_today < facts.per_day),
    Gate("sms_cap_week", _UNASKED, lambda facts: facts.sent_this_week < facts.per_week),
    Gate("human_contact_today", _PLANNED, lambda facts: not facts.human_contact_today),
)

DEFER_AT_MOST = timedelta(hours=24)
DEFER_APPOINTMENT_AT_MOST = timedelta(hours=12)
DEFER_REMINDER_AT_MOST = timedelta(hours=14)  # a night: the answer to it may still be matched (CHK-04)


def judge(facts: GateFacts) -> Answer:
    """Answer whether this text may be handed to the carrier at `facts.at` (CHK-01, SMS-03 to 05, 30 to 34, 50)."""
    for gate in GATES:
        if facts.kind in gate.asked_of and not gate.passes(facts):
            return Refused(gate.code)
    if facts.at > facts.not_after:
        return Expired(TOO_LATE)
    return _window(facts) if facts.kind in _QUIET_AT_NIGHT else Allowed()


def defer_at_most(kind: Kind) -> timedelta:
    """Return how long after its planned time a text may still open the morning (SMS-33)."""
    return {Kind.APPOINTMENT: DEFER_APPOINTMENT_AT_MOST, Kind.REMINDER: DEFER_REMINDER_AT_MOST}.get(kind, DEFER_AT_MOST)


def _window(facts: GateFacts) -> Answer:
    answer = quiet_hours.evaluate(
        facts.at,
        zones=facts.zones,
        states=facts.states,
        organization_window=facts.organization_window,
        client_window=facts.client_window,
    )
    if isinstance(answer, quiet_hours.Open):
        return Allowed()
    if isinstance(answer, quiet_hours.Unknown):
        return Refused("sms_timezone_unknown")
    latest = min(facts.not_after, facts.due_at + defer_at_most(facts.kind))
    if answer.next_open is None or answer.next_open > latest:
        return Expired(QUIET_HOURS)
    return Deferred(answer.next_open, QUIET_HOURS)
