"""Running a drill: wait until the check-ins are due, break things while they go out, wait for rest, ask the judge."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

from casemgmt.devtools.stack import FROM_NUMBER

from .dose import Dose, Incident
from .judge import OPEN, OVERDUE, Verdict, ask, judge, read
from .people import number_of
from .rig import Rig

LONGEST_PAUSE = 20.0  # between two incidents, however slowly the texts go
SHORTEST_PAUSE = 0.05
LATEST = 10.0  # by which the carrier has told everything that it will tell
PATIENCE = 90.0  # without any change before what is left over counts as left over
LOOK_EVERY = 1.0


@dataclass
class Drill:
    """One run on a running rig."""

    rig: Rig
    dose: Dose
    tell: Callable[[str], None]
    blackhole: float = 0.0  # seconds in which the broker keeps its connections and says nothing
    happened: Counter[str] = field(default_factory=Counter)
    said_stop: list[str] = field(default_factory=list)
    longest_overdue: float = 0.0
    _thaw_at: float = float("inf")

    def run(self) -> dict[str, Any]:
        """Break things, wait for rest, and return the line that tells about it."""
        began = time.monotonic()
        self.rig.wait_until_due()
        self.tell("the first check-ins are due")
        if self.blackhole:
            self.rig.servers.freeze_redis()
            self._thaw_at = time.monotonic() + self.blackhole
        self._break_things()
        self._wait_for_rest()
        verdict = self._judge()
        return {
            "seed": self.dose.seed,
            "size": self.dose.size,
            **{name: value for name, value in asdict(verdict).items() if name != "ends"},
            **{f"{incident}s": self.happened[incident] for incident in Incident},
            "longest_overdue": round(self.longest_overdue, 1),
            "ended_by_themselves": dict(Counter(self.rig.ended_by_themselves)),
            "ends": dict(verdict.ends),
            "seconds": round(time.monotonic() - began),
        }

    def _break_things(self) -> None:
        """Let the incidents happen in their order, spread over the sending of the texts."""
        incidents = self.dose.incidents()
        stopping = self.dose.stopping()
        for number, incident in enumerate(incidents):
            self._wait_for_turn(number / len(incidents))
            self._happen(incident, stopping)
            self.happened[incident] += 1

    def _wait_for_turn(self, share: float) -> None:
        until = time.monotonic() + LONGEST_PAUSE
        time.sleep(SHORTEST_PAUSE)
        while time.monotonic() < until and self.rig.accepted() < 0.9 * share * self.dose.size:
            self._look()
            time.sleep(0.2)

    def _happen(self, incident: Incident, stopping: Iterator[tuple[int, str]]) -> None:
        if incident is Incident.STOP:
            place, words = next(stopping)
            self._say(number_of(place), words)
            return
        hands: dict[Incident, Callable[[], object]] = {
            Incident.KILL: self.rig.kill_someone,
            Incident.DATABASE: self.rig.restart_database,
            Incident.BROKER: self._restart_broker,
            Incident.FLUSH: self._flush,
            Incident.CARRIER: self.rig.restart_carrier,
        }
        done = hands[incident]()
        self.tell(f"{incident}{f' of {done}' if done else ''}; {self.rig.accepted()} texts accepted")

    def _restart_broker(self) -> None:
        if not self._is_frozen():
            self.rig.restart_broker()

    def _flush(self) -> None:
        if not self._is_frozen():
            self.rig.redis_flushall()

    def _is_frozen(self) -> bool:
        return self.blackhole > 0 and time.monotonic() < self._thaw_at

    def _say(self, number: str, words: str) -> None:
        """Type a text on a client's phone; while the carrier is away, again."""
        body = json.dumps({"from": number, "to": FROM_NUMBER, "body": words}).encode()
        request = urllib.request.Request(f"{self.rig.carrier_url}/control/inbound", data=body)  # noqa: S310
        for _ in range(120):
            try:
                with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - our own loopback address
                    self.said_stop.append(number)
                    return
            except (urllib.error.URLError, OSError):
                self.rig.revive(by_us=False)
                time.sleep(0.5)
        raise TimeoutError("the carrier does not come back")

    def _look(self) -> tuple[int, ...] | None:
        """Supervise the processes, note the longest delay, and return what is still open; None if nobody can say."""
        self.rig.revive(by_us=False)
        if time.monotonic() >= self._thaw_at:
            self.rig.servers.freeze_redis(frozen=False)
            self._thaw_at = float("inf")
        try:
            with self.rig.servers.superuser("casemgmt") as connection:
                (overdue,) = connection.execute(OVERDUE, [self.rig.offset]).fetchone() or (None,)
                (still_open,) = connection.execute(OPEN).fetchone() or (0,)
        except psycopg.Error:
            return None
        self.longest_overdue = max(self.longest_overdue, float(overdue or 0))
        return still_open, self.rig.accepted()

    def _wait_for_rest(self) -> None:
        """Wait until nothing is open and stays so for LATEST seconds, or until nothing has changed for PATIENCE.

        A callback that comes late is a row that is open for a moment although everything was settled before.
        """
        before, changed_at = None, time.monotonic()
        while time.monotonic() - changed_at < PATIENCE or self._is_frozen():
            now = self._look()
            if now is not None and now != before:
                before, changed_at = now, time.monotonic()
            settled = now is not None and now[0] == 0 and not self._is_frozen()
            if settled and time.monotonic() - changed_at > LATEST:
                return
            time.sleep(LOOK_EVERY)
        self.tell(f"nothing has changed for {PATIENCE:.0f} s")

    def _judge(self) -> Verdict:
        texts = read(self.rig.carrier_log)
        with self.rig.servers.superuser("casemgmt") as connection:
            told = ask(connection)
        return judge(told, texts, offset=self.rig.offset, said_stop=self.said_stop)
