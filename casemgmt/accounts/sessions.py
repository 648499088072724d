"""Where browser sessions are kept: in the database, under keys that we made. Holds no client data."""

from __future__ import annotations

import re

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

OURS = re.compile(r"[a-z0-9]{32}")


class SessionStore(DatabaseSessionStore):
    """Does not ask PostgreSQL for a key that we cannot have made, such as one with a NUL in it (M4)."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and OURS.fullmatch(key) is not None
