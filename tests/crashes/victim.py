"""A driver in a process of its own that is killed at a named point: `python -m tests.crashes.victim POINT CARRIER`.

It runs the product as it is. The points lie at SQL statements (Django's own hook for them) and around the call of the
gateway; the process ends itself by SIGKILL, so nothing is cleaned up.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from threading import Timer
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from notifications.gateways import GatewayConfig, Outbound, Receipt, TwilioGateway  # noqa: E402
from notifications.gateways.contract import BeforeWrite  # noqa: E402
from notifications.services.delivery import drain  # noqa: E402
from notifications.services.inbox import process_inbox  # noqa: E402
from notifications.services.materializing import materialize  # noqa: E402
from tests.contracts.carrier_process import ACCOUNT, OUR_NUMBER, TOKEN  # noqa: E402

# Where a statement is the point: the process dies once it was executed.
STATEMENTS = {
    "in_claim": 'INSERT INTO "notifications_attempt"',
    "after_locks": 'FROM "worklist_workitem"',  # the gate asks its last question
    "in_mark": 'INSERT INTO "notifications_attemptoutcome"',
    "in_stop": 'INSERT INTO "notifications_textingconsentevent"',
    "in_materialize": 'INSERT INTO "notifications_message"',
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Statements:
    """Dies after the statement that the point names."""

    def __init__(self, point: str) -> None:
        self.fragment = STATEMENTS.get(point)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if self.fragment and self.fragment in sql:
            die()
        return result


class Doomed:
    """The real gateway, at whose call the process dies."""

    def __init__(self, gateway: TwilioGateway, point: str) -> None:
        self.gateway, self.point = gateway, point

    def send(self, outbound: Outbound, before_write: BeforeWrite) -> Receipt:
        if self.point == "before_the_first_byte":
            before_write = die
        if self.point == "before_the_answer":
            Timer(0.7, die).start()  # the carrier has it and takes its time
        receipt = self.gateway.send(outbound, before_write)
        if self.point == "after_the_answer":
            die()
        return receipt

    def __getattr__(self, name: str) -> Any:
        return getattr(self.gateway, name)


def main(point: str, carrier: str) -> None:
    config = GatewayConfig(account_sid=ACCOUNT, auth_token=TOKEN, from_number=OUR_NUMBER, base_url=carrier)
    with connection.execute_wrapper(Statements(point)):
        if point == "in_stop":
            process_inbox()
        elif point == "in_materialize":
            materialize()
        else:
            drain(gateway=Doomed(TwilioGateway(config), point), limit=1)
    if point == "after_mark":
        die()


if __name__ == "__main__":
    main(*sys.argv[1:])
