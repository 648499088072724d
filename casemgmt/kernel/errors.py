"""Everything a door can refuse, and nothing about people.

    DomainError
    ├── NotVisible            absent, or not for you: the same answer (P2-06)
    ├── NotPermitted          visible, but your role may not do this
    ├── Invalid               the request's content is wrong, field by field
    ├── Conflict              true input, wrong moment
    │   ├── StaleVersion      the screen is older than the row
    │   ├── WrongStage        the verb does not start here
    │   └── Busy              somebody else holds the row; try again
    ├── GuardsFailed          every guard that refused, together
    ├── Refused               one rule refuses, with its code
    ├── PreconditionMissing   an edit without If-Match
    └── NotAvailable          we cannot work at this moment, whatever was asked

Messages are for people, codes are for programs; neither ever carries personal data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


class DomainError(Exception):
    """A refusal. `code` is stable; `detail` is a sentence; `extra` is machine-readable and free of personal data."""

    code = "refused"
    sentence = "The request was refused."

    def __init__(self, detail: str | None = None, *, code: str | None = None, **extra: Any) -> None:
        self.code = code or type(self).code
        self.detail = detail or type(self).sentence
        self.extra: dict[str, Any] = extra
        super().__init__(self.code)


class NotVisible(DomainError):
    """Nothing by that id, or nothing you may know of: the two are one answer (P2-06)."""

    code = "not_found"
    sentence = "There is nothing here that you may see."


class NotPermitted(DomainError):
    """The actor's role does not allow this."""

    code = "not_permitted"
    sentence = "Your role does not allow this."


class Invalid(DomainError):
    """The content is wrong. `fields` maps a field name to its sentences."""

    code = "invalid"
    sentence = "Some of what you sent is not valid."

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        fields: Mapping[str, Sequence[str]] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail, code=code, **extra)
        if fields:
            self.extra["fields"] = {name: list(sentences) for name, sentences in fields.items()}


class Conflict(DomainError):
    """Correct input at the wrong moment."""

    code = "conflict"
    sentence = "This conflicts with how things stand now."


class StaleVersion(Conflict):
    """The caller's copy is older than the row (STG-10)."""

    code = "stale_version"
    sentence = "Somebody changed this since you loaded it. Load it again and repeat what you still want to do."


class WrongStage(Conflict):
    """The verb does not start at the present stage (STG-10)."""

    code = "wrong_stage"
    sentence = "This step is not possible from the present stage."


class Busy(Conflict):
    """Another transaction holds the row for longer than we wait."""

    code = "busy"
    sentence = "Somebody else is changing this right now. Try again in a moment."


@dataclass(frozen=True, slots=True)
class Refusal:
    """One guard's no: its id (`G2`), code, the sentence to show, and what would satisfy it."""

    guard: str
    code: str
    sentence: str
    remedy: str


class GuardsFailed(DomainError):
    """One or more guards refused; all of them are named, so that one visit mends all."""

    code = "transition_blocked"
    sentence = "Something is still missing for this step."

    def __init__(self, refusals: Sequence[Refusal], **extra: Any) -> None:
        super().__init__(**extra)
        self.refusals = tuple(refusals)
        self.extra["failed_guards"] = [asdict(refusal) for refusal in self.refusals]


class Refused(DomainError):
    """One named rule refuses; pass its code."""


class PreconditionMissing(DomainError):
    """An edit must say which version it edits, by If-Match."""

    code = "if_match_required"
    sentence = "Send the If-Match header with the ETag you last saw."


class NotAvailable(DomainError):
    """Something we cannot work without does not answer. Whether the work was done is unknown: it may have broken off at
    its commit. The same request with the same Idempotency-Key finds out and does it at most once (F25).
    """

    code = "not_available"
    sentence = "This cannot be answered right now. Send it again in a moment, with the same Idempotency-Key."
