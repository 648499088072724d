"""The second wall is whole: every table that names a client stands in the list, and the database keeps to it (S6)."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, connections, transaction
from django.db.models import Model

from casemgmt.clients.models import Client
from casemgmt.kernel.promises import MACHINE, WALL, visible_rows
from casemgmt.walls import GRANTS, OPEN, WALLED

STATE = """
SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""
POLICIES = "SELECT permissive, cmd, qual, with_check, roles FROM pg_policies WHERE tablename = %s ORDER BY policyname"


def names_a_client(model: type[Model], seen: frozenset[type[Model]] = frozenset()) -> bool:
    """True when a column names a client, or a row that does."""
    if model is Client or any(field.name in ("client_id", "client_ids") for field in model._meta.concrete_fields):
        return True
    parents = {field.related_model for field in model._meta.concrete_fields if field.is_relation} - seen - {model}
    return any(names_a_client(parent, seen | {model}) for parent in parents)


def test_every_table_that_names_a_client_is_walled_or_said_to_be_open() -> None:
    """S6: a new table without a line in `casemgmt/walls.py` fails here."""
    named = {model._meta.db_table for model in apps.get_models() if names_a_client(model)}
    listed = {*WALLED, GRANTS, *OPEN}

    assert sorted(named - listed) == []
    assert sorted(listed - {model._meta.db_table for model in apps.get_models()}) == []


def test_walls_stand_where_the_list_says_and_nowhere_else(db) -> None:
    """S6: enabled and forced, so that the owner is bound too."""
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        standing = {table for table, walled in cursor.fetchall() if walled}

    assert standing == {*WALLED, GRANTS}


@pytest.mark.parametrize("table", WALLED)
def test_the_policy_is_the_one_that_the_list_says(django_db_setup, django_db_blocker, table) -> None:
    """S6: PostgreSQL compares what a migration made with what the list would make today."""
    with django_db_blocker.unblock(), transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute(POLICIES, [table])
        made = cursor.fetchall()
        cursor.execute(WALL.format(table=table, machine=MACHINE, rows=visible_rows(table, **WALLED[table])))
        cursor.execute(POLICIES, [table])
        wanted = cursor.fetchall()
        transaction.set_rollback(True, "owner")

    assert len(made) == 1
    assert made == wanted
