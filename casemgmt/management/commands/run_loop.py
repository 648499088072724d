"""The second driver: every tick in one plain process, without a broker (F3, F6). Runs beside Celery, in any number."""

from __future__ import annotations

import logging
import signal
import time
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections

from casemgmt.management.ticks import TICKS, Tick
from casemgmt.outbox.heartbeat import beat

AFTER_A_LOST_DATABASE = 1.0
LONGEST_NAP = 0.2

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """`manage.py run_loop`: runs until SIGTERM or Ctrl-C, then finishes the row in hand."""

    help = "Run every tick (inbox, relay, materialize, send, reconcile) until stopped."
    stopping = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Loop over the ticks; a tick that broke is tried again in the next round."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        due = {tick.name: 0.0 for tick in TICKS}
        while self._keep_on():
            for tick in TICKS:
                if self._keep_on() and time.monotonic() >= due[tick.name]:
                    again_at_once = self._run(tick)
                    due[tick.name] = time.monotonic() + (0 if again_at_once else self._interval(tick))
            self._nap(min(due.values()) - time.monotonic())

    def _run(self, tick: Tick) -> bool:
        """Run one round; return whether there may be more to do at once."""
        try:
            done = tick.run(self._keep_on)
            beat(f"loop:{tick.name}", progress=done > 0)
        except (OperationalError, InterfaceError) as error:
            log.warning("tick %s lost the database: %s", tick.name, type(error).__name__)
            close_old_connections()
            self._nap(AFTER_A_LOST_DATABASE)
            return False
        except Exception as error:  # one broken tick must not stop the others
            log.error("tick %s broke with %s", tick.name, type(error).__name__)
            return False
        return done > 0

    @staticmethod
    def _interval(tick: Tick) -> float:
        return float(min(getattr(settings, tick.interval), settings.LOOP_INTERVAL_SECONDS))

    def _keep_on(self) -> bool:
        return not self.stopping

    def _nap(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LONGEST_NAP))

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True
