"""The made-up network: whole, the same from the same seed, and never beside others' data."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.devtools.population import BATCH, CLIENTS_EACH, organizations_for
from casemgmt.devtools.population.macros import expand
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from tests import database

WHO = """
SELECT c.id, c.given_name, c.family_name, c.birth_date, e.id, e.stage, count(m.seq), count(DISTINCT a.id),
  count(DISTINCT p.id)
FROM clients_client c JOIN episodes_episode e ON e.client_id = c.id JOIN episodes_stagemove m ON m.episode_id = e.id
LEFT JOIN sessions_attendance a ON a.client_id = c.id LEFT JOIN notifications_checkinplan p ON p.client_id = c.id
GROUP BY c.id, e.id ORDER BY c.id
"""


def seed(clients: int, **options: Any) -> str:
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("seed_demo", clients=clients, password="open sesame for tests", stdout=out, **options)
    return out.getvalue()


def everybody() -> list[tuple[Any, ...]]:
    """Return who is there, without moments: they hang on the day of the seeding."""
    with connection.cursor() as cursor:
        cursor.execute(WHO)
        return cursor.fetchall()


@pytest.mark.usefixtures("committed_db")
def test_two_hundred_clients_satisfy_every_promise() -> None:
    """Constraints and deferred triggers hold at the commit; the ledgers prove themselves (F2)."""
    printed = seed(200)

    assert "200 clients added" in printed
    assert "carla@north.example" in printed
    call_command("verify_ledgers", stdout=StringIO())  # raises when one is not whole
    assert set(Episode.objects.values_list("stage", flat=True)) >= {*Stage.values} - {"cancelled", "deceased"}
    for table in ("referrals_referral", "consent_consent", "notifications_checkinplan", "sessions_attendance"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] >= 5, table


@pytest.mark.usefixtures("committed_db")
def test_the_same_seed_makes_the_same_people_however_often_it_is_asked() -> None:
    seed(120)
    first = everybody()
    database.empty_all_tables()

    seed(50)
    assert "70 clients added" in seed(120)

    assert everybody() == first
    database.empty_all_tables()
    seed(120, seed=2)
    assert {row[0] for row in everybody()}.isdisjoint({row[0] for row in first})


@pytest.mark.usefixtures("committed_db")
def test_refuses_a_database_that_holds_what_it_did_not_make() -> None:
    Organization.objects.create(name="A real one")

    with pytest.raises(CommandError, match="did not make"):
        seed(10)

    assert Client.objects.count() == 0
    assert Organization.objects.count() == 1


def test_each_organization_has_a_neighbor_and_no_batch_lies_across_the_first_four() -> None:
    assert [organizations_for(count) for count in (1, 8_000, 8_001, 12_001, 1_000_000)] == [4, 4, 6, 8, 500]
    assert BATCH % CLIENTS_EACH == 0


def test_words_are_expanded_from_the_inside() -> None:
    text = expand("made('x', (o # 1) * 5 + 1)", seed=3, lists={})
    assert text.startswith("(lpad(to_hex(1735689600000 + ((o # 1) * 5 + 1)::bigint), 12, '0') || '7'")
    assert expand("pick(n, 2, few)", seed=1, lists={"few": ("a", "b")}).endswith("%% 2 + 1]")
    with pytest.raises(ValueError, match="other words"):
        expand("dice(n)", seed=1, lists={})
