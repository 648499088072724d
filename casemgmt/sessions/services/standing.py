"""Whether somebody may be expected: asked of PostgreSQL while there is still somebody to answer to. Inner."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.utils import IntegrityError

from casemgmt.kernel.errors import Refused
from casemgmt.kernel.transactions import require_atomic

RULE = "sessions_expected_may_come"  # the trigger of the migration
SENTENCE = "The client's care there is on hold or has ended. Resume it first; what took place can be told."


def require_free_to_come() -> None:
    """Raise Refused `care_on_hold` if this transaction expects somebody whose care is on hold or has ended.

    PostgreSQL would refuse it at the commit; it also waits here for whoever is just putting that care on hold.
    """
    require_atomic()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS {RULE} IMMEDIATE")
            cursor.execute(f"SET CONSTRAINTS {RULE} DEFERRED")
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") == RULE:
            raise Refused(SENTENCE, code="care_on_hold") from error
        raise
