"""Planning and sending, measured: P4 and P5 of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Any

import psycopg

from .field import Field
from .figures import Figure, of_rounds

# The plain statement: the same rows, without asking who may be texted or what a skipped hour means.
PLAIN = """
INSERT INTO notifications_checkin (id, plan_id, client_id, local_date, slot, due_at, not_after, status, reason)
SELECT gen_random_uuid(), p.id, p.client_id, day::date, t.slot - 1, (day::date + t.at) AT TIME ZONE c.timezone,
  (day::date + t.at) AT TIME ZONE c.timezone + interval '24 hours', 'planned', ''
FROM notifications_checkinplan p JOIN clients_client c ON c.id = p.client_id
CROSS JOIN generate_series(now(), now() + interval '14 days', interval '1 day') AS day
CROSS JOIN unnest(p.times) WITH ORDINALITY AS t (at, slot)
WHERE p.status = 'active' AND extract(isodow FROM day) = ANY (p.weekdays)
ON CONFLICT DO NOTHING
"""
FORGET = """
SET session_replication_role = replica;
TRUNCATE notifications_checkin CASCADE;
UPDATE notifications_checkinplan SET materialized_until = NULL;
RESET session_replication_role;
"""
# One text for each client who agreed, due now.
DUE = """
INSERT INTO notifications_message (id, kind, template, language, template_version, params, status, planned_at, due_at,
  not_after, attempts, resend_count, reason, check_in_id, client_id, contact_point_id, organization_id)
SELECT gen_random_uuid(), 'check_in', 'checkin', 'en', '', '{}', 'pending', now(), now() - interval '1 minute',
  now() + interval '20 hours', 0, 0, '', c.id, c.client_id, t.contact_point_id, p.organization_id
FROM (SELECT DISTINCT ON (client_id) * FROM notifications_checkin ORDER BY client_id, due_at) AS c
JOIN notifications_checkinplan p ON p.id = c.plan_id JOIN notifications_textingconsent t ON t.client_id = c.client_id;
UPDATE notifications_checkin SET status = 'scheduled'
  WHERE id IN (SELECT check_in_id FROM notifications_message WHERE status = 'pending');
"""
RAW = (
    "SELECT id, contact_point_id FROM notifications_message WHERE status = 'pending' AND due_at <= now()"
    " AND organization_id = %s ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED",
    "UPDATE notifications_message SET status = 'sending', attempts = 1, attempt_id = %s, lease_until = now() + '30 s'"
    " WHERE id = %s",
    "INSERT INTO notifications_attempt (id, message_id, body_sha256, started_at) VALUES (%s, %s, '', now())",
    "SELECT id FROM notifications_textingconsent WHERE contact_point_id = %s FOR UPDATE",
    "UPDATE notifications_message SET status = 'sent', sent_at = now(), provider_id = %s WHERE id = %s",
)


def p4(field: Field, rounds: int) -> Iterator[Figure]:
    """Plan the check-ins of the coming two weeks, beside the plain statement; a repeat; memory."""
    rates: dict[str, list[float]] = {"ours": [], "limit": []}
    repeats, peak, rows = [], 0.0, 0
    for _ in range(rounds):
        _forget(field)
        began = perf_counter()
        with field.superuser() as connection:
            written = connection.execute(PLAIN).rowcount
        rates["limit"].append(written / (perf_counter() - began))
        _forget(field)
        first = field.order("ours", "plan")
        rates["ours"].append(first["rows"] / first["seconds"])
        again = field.order("ours", "plan")
        repeats.append(first["seconds"] / again["seconds"])
        rows, peak = int(first["rows"]), first["peak"]
        assert again["rows"] == 0, "planned again what was planned"
    figure = of_rounds(f"P4 plan {rows} check-ins", rates["ours"], "rows/s", limit=rates["limit"])
    assert figure.limit
    yield figure.judged(">= 0.8 of the plain statement", met=figure.value >= 0.8 * figure.limit)
    yield of_rounds("P4 a repeat", repeats, "times as fast").judged(">= 4", met=median(repeats) >= 4)
    yield Figure("P4 peak of memory", peak, "MiB")


def p5(field: Field, rounds: int) -> Iterator[Figure]:
    """Send: a carrier that answers at once beside a raw loop with the same locks, claims, and a carrier of 30 ms."""
    _forget(field)
    field.order("ours", "plan")
    with field.superuser() as connection:
        connection.execute(DUE)
        waiting = connection.execute("SELECT count(*) FROM notifications_message WHERE status = 'pending'").fetchone()[
            0
        ]
        connection.execute("VACUUM ANALYZE")
    rates: dict[str, list[float]] = {"ours": [], "limit": []}
    claims: list[float] = []
    field.order("ours", "send", times=20, wait=0, in_flight=1)
    for _ in range(rounds):
        rates["limit"].append(_raw(field, 100))
        sent = field.order("ours", "send", times=100, wait=0, in_flight=1)
        rates["ours"].append(sent["tried"] / sent["seconds"])
        claims += sent["claims"]
    figure = of_rounds("P5 send, a carrier that answers at once", rates["ours"], "texts/s", limit=rates["limit"])
    assert figure.limit
    yield figure.judged(">= 0.5 of a raw claim loop", met=figure.value >= 0.5 * figure.limit)
    slowest = sorted(claims)[int(len(claims) * 0.99)] * 1000
    yield Figure(f"P5 claim, p99, {waiting} waiting", slowest, "ms").judged("<= 5", met=slowest <= 5)
    slow = [field.order("ours", "send", times=150, wait=0.03, in_flight=4) for _ in range(rounds)]
    share = of_rounds(
        "P5 one sender, a carrier of 30 ms", [each["tried"] * 0.03 / each["seconds"] for each in slow], "of 1 / 30 ms"
    )
    yield share.judged(">= 0.9", met=share.value >= 0.9)


def _forget(field: Field) -> None:
    with field.superuser() as connection:
        connection.execute(FORGET)


def _raw(field: Field, times: int) -> float:
    """Return how many texts a second a bare loop hands over that takes the same locks and writes the same rows."""
    claim, sending, attempt, consent, sent = RAW
    options: dict[str, Any] = {"options": "-c casemgmt.actor_kind=system", "autocommit": True, "prepare_threshold": 1}
    with psycopg.connect(field.servers.database_url, **options) as connection:
        organizations = [row[0] for row in connection.execute("SELECT id FROM accounts_organization").fetchall()]
        began, done = perf_counter(), 0
        for number in range(times):
            with connection.transaction():
                row = connection.execute(claim, [organizations[number % len(organizations)]]).fetchone()
                if row is None:
                    continue
                key = connection.execute("SELECT gen_random_uuid()").fetchone()
                assert key
                connection.execute(sending, [key[0], row[0]])
                connection.execute(attempt, [key[0], row[0]])
            with connection.transaction():
                connection.execute(consent, [row[1]])
                connection.execute("SELECT id FROM notifications_message WHERE id = %s FOR UPDATE", [row[0]])
                connection.execute(sent, [f"raw-{key[0]}", row[0]])
            done += 1
        return done / (perf_counter() - began)
