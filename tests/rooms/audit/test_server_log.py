"""PostgreSQL's own log must not hold what our logs do not: no statement, no row (house rule on personal data)."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.mark.parametrize(("setting", "value"), [("log_min_error_statement", "panic"), ("log_error_verbosity", "terse")])
def test_an_error_is_logged_without_its_statement_and_row(db, setting, value) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [setting])
        assert cursor.fetchone() == (value,)
