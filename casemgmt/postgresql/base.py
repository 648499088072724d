"""Connecting: a role that row policies do not bind gets no connection (S6). The name of this file is Django's.

Superusers and roles with BYPASSRLS see past every policy, and an owner may take them away. Only the alias `owner`, by
which migrations run, may be one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql import base, operations

# Whether the role, or one that it could become, is what a process must not be.
POWERS = """
SELECT bool_or(rolsuper), bool_or(rolbypassrls), bool_or(oid IN (
  SELECT relowner FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
))
FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')
"""
PREPARED = 1_000  # statements that a connection keeps; a request leaves some hundred different ones behind
PARAMETERS = 65_535  # of one statement that the server binds, as the protocol counts them
NAMES = ("a superuser", "one with BYPASSRLS", "the owner of tables")


class DatabaseOperations(operations.DatabaseOperations):
    """What Django asks of this backend; knows how much one statement may carry."""

    def bulk_batch_size(self, fields: Sequence[Any], objs: Sequence[Any]) -> int:
        """Return how many rows one statement may write; an update names each row and each value twice."""
        return max(1, PARAMETERS // (2 * max(1, len(fields))))


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of Django's that refuses to come about for a role with too much power."""

    ops_class = DatabaseOperations

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a new connection; raise ImproperlyConfigured when its role would see past the policies."""
        connection = super().get_new_connection(conn_params)
        connection.prepared_max = PREPARED
        if self.alias == DEFAULT_DB_ALIAS:
            found = connection.execute(POWERS).fetchone()
            connection.rollback()
            powers = [name for name, holds in zip(NAMES, found, strict=True) if holds]
            if powers:
                connection.close()
                raise ImproperlyConfigured(f"DATABASE_URL must not name {' or '.join(powers)}: use casemgmt_app.")
        return connection
