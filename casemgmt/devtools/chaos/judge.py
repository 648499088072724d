"""What really happened: the carrier's log against the database, by SQL, with none of the product's code.

A check-in is known by its client's number: everybody has a number of their own and one check-in.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

# One row per planned check-in. Everything is asked from the plan's side, so that a row never written is missed too.
CHECK_INS = """
SELECT p.value, c.id IS NULL, c.due_at, c.status, m.status, m.reason, m.provider_id
FROM notifications_checkinplan plan
JOIN clients_contactpoint p ON p.client_id = plan.client_id AND p.kind = 'phone'
LEFT JOIN notifications_checkin c ON c.plan_id = plan.id
LEFT JOIN notifications_message m ON m.check_in_id = c.id
"""
# When each opt-out was committed, by PostgreSQL's own record of commits and the real clock.
OPT_OUTS = """
SELECT p.value, min(pg_xact_commit_timestamp(e.xmin))
FROM notifications_textingconsentevent e
JOIN notifications_textingconsent t ON t.id = e.consent_id
JOIN clients_contactpoint p ON p.id = t.contact_point_id
WHERE e.state_after = 'opted_out' GROUP BY p.value
"""
MESSAGES = "SELECT status, provider_id, reason FROM notifications_message"
OPEN = """
SELECT (SELECT count(*) FROM notifications_message WHERE status IN ('pending', 'sending', 'unknown'))
     + (SELECT count(*) FROM notifications_checkin WHERE status IN ('planned', 'scheduled'))
     + (SELECT count(*) FROM notifications_receipt WHERE processed_at IS NULL)
     + (SELECT count(*) FROM notifications_checkinplan p WHERE NOT EXISTS
         (SELECT FROM notifications_checkin c WHERE c.plan_id = p.id))
"""
OVERDUE = """
SELECT extract(epoch FROM max(clock_timestamp() + %s - c.due_at)) FROM notifications_checkin c
LEFT JOIN notifications_message m ON m.check_in_id = c.id
WHERE c.status IN ('planned', 'scheduled') AND coalesce(m.attempts, 0) = 0
"""
HANDED_OVER = ("sent", "delivered", "undelivered")
IN_DOUBT = ("unknown", "unconfirmed")


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text that the carrier accepted."""

    to: str
    body_sha256: str
    sid: str
    began: datetime  # when the request reached the carrier
    accepted: datetime
    attempt: str  # as the callback's address names it


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the run comes to. The first five must be 0 (R1, R3)."""

    lost: int
    duplicates: int
    after_opt_out: int
    nonterminal: int
    ghost: int
    early: int
    in_doubt: int
    p50: float
    p99: float
    latest: float
    accepted: int
    opted_out: int
    ends: Mapping[str, int]

    def holds(self, *, evidence: bool) -> bool:
        """Say whether nothing went wrong. Without evidence, what is in doubt must be marked so (R2)."""
        if not evidence:
            doubt = max(0, self.lost - self.in_doubt) + max(0, self.ghost - self.in_doubt)
            return not (doubt or self.duplicates or self.after_opt_out or self.early)
        return not (self.lost or self.duplicates or self.after_opt_out or self.nonterminal or self.ghost or self.early)


def read(log: Path) -> list[Text]:
    """Return what the carrier accepted, in its order."""
    with log.open() as lines:
        told = [json.loads(line) for line in lines if line.endswith("\n")]
    return [
        Text(
            to=line["to"],
            body_sha256=line["body_sha256"],
            sid=line["sid"],
            began=datetime.fromisoformat(line["t_request"]),
            accepted=datetime.fromisoformat(line["t_accept"]),
            attempt=line["callback"].rstrip("/").rpartition("/")[2],
        )
        for line in told
        if line["kind"] == "accepted"
    ]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What our database says: a row per planned check-in, opt-outs by number, a row per message, what is open."""

    check_ins: Sequence[Sequence[Any]]
    opt_outs: Mapping[str, datetime]
    messages: Sequence[Sequence[Any]]
    still_open: int


def ask(connection: psycopg.Connection[Any]) -> Told:
    """Read our side as PostgreSQL's superuser, before whom no wall stands."""
    (still_open,) = connection.execute(OPEN).fetchone() or (0,)
    return Told(
        check_ins=connection.execute(CHECK_INS).fetchall(),
        opt_outs=dict(connection.execute(OPT_OUTS).fetchall()),
        messages=connection.execute(MESSAGES).fetchall(),
        still_open=still_open,
    )


def judge(told: Told, texts: Sequence[Text], *, offset: timedelta, said_stop: Iterable[str]) -> Verdict:
    """Compare what the carrier accepted with what the database says. `offset`: the system's clock less the real one.

    Most texts are check-ins and all of these are worded alike; what else was accepted confirms a STOP (SMS-24).
    """
    words = Counter(text.body_sha256 for text in texts).most_common(1)
    question = words[0][0] if words else ""
    asked = {text.to: text for text in reversed(texts) if text.body_sha256 == question}
    rows, opt_outs = told.check_ins, told.opt_outs
    late = sorted(
        (asked[number].accepted + offset - due_at).total_seconds()
        for number, _, due_at, *_ in rows
        if number in asked and due_at is not None
    )
    deaf = {number for number in said_stop if number not in opt_outs}
    doubled_rows = len(rows) - len({row[0] for row in rows})
    return Verdict(
        lost=len(deaf | {row[0] for row in rows if row[0] not in asked and row[0] not in opt_outs}),
        duplicates=len(texts) - len({(text.to, text.body_sha256) for text in texts}) + doubled_rows,
        after_opt_out=sum(_broke_word(text, opt_outs, question) for text in texts),
        nonterminal=told.still_open,
        ghost=_ghosts(told.messages, {text.sid for text in texts}),
        early=sum(seconds < 0 for seconds in late),
        in_doubt=sum(status in IN_DOUBT or reason in IN_DOUBT for status, _, reason in told.messages),
        p50=_at(late, 0.50),
        p99=_at(late, 0.99),
        latest=_at(late, 1.0),
        accepted=len(texts),
        opted_out=len(opt_outs),
        ends=dict(Counter(f"{row[3]}/{row[5] or row[4]}" for row in rows)),
    )


def _broke_word(text: Text, opt_outs: Mapping[str, datetime], question: str) -> bool:
    """Say whether a check-in's request began after its client's opt-out was committed (F11)."""
    stopped = opt_outs.get(text.to)
    return text.body_sha256 == question and stopped is not None and text.began > stopped


def _ghosts(messages: Sequence[Sequence[Any]], accepted: set[str]) -> int:
    """Count what only one side knows of: marked as handed over and not at the carrier, and the other way round."""
    marked = {provider_id for status, provider_id, _ in messages if status in HANDED_OVER}
    return len(marked - accepted) + len(accepted - marked)


def _at(ordered: Sequence[float], share: float) -> float:
    """Return the value below which that share of an ordered list lies; 0 of nothing."""
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else 0.0
