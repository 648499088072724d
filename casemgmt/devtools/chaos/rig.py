"""The stack of a drill: two of each driver, quick ticks, a carrier with faults, and hands that break things."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from casemgmt import embedded
from casemgmt.devtools.stack import EVERYTHING, Program, Stack, StackError

from .people import HOME

LEAD = 25.0  # seconds from the start of the processes until the first check-in is due
PER_CLIENT = 0.02  # and so much more for each plan that has to become a check-in before
SPARES = {"loop-2": "loop", "beat-2": "beat"}
VICTIMS = ("web", "worker", "beat", "loop", "loop-2", "beat-2")
# 2.5 % accepted without an answer that says so, 2 % refused for now
FAULTS = {
    "too-many-requests": 0.01,
    "unavailable": 0.01,
    "accept-then-500": 0.01,
    "accept-then-hang": 0.003,
    "accept-then-reset": 0.01,
    "accept-then-garbage": 0.002,
    "callback-repeats": 3,
    "callback-spread": 3.0,
    "callback-attempts": 12,
}
TICKS = {name: "1" for name in ("RELAY", "MATERIALIZE", "SEND", "RECONCILE", "INBOX")}
PATIENCE = timedelta(seconds=60)


def environment() -> dict[str, str]:
    """Return the settings of a drill: it is about half past ten where the clients live."""
    here = datetime.now(UTC).astimezone(HOME)
    wanted = here.replace(hour=10, minute=30, second=0, microsecond=0)
    if wanted > here - timedelta(minutes=10):
        wanted -= timedelta(days=1)  # nothing of ours may claim to come from after the carrier's clock
    return {
        "CLOCK_OFFSET_SECONDS": str(int((wanted - here) / timedelta(seconds=1))),
        **{f"TICK_{name}_SECONDS": seconds for name, seconds in TICKS.items()},
        "LOOP_INTERVAL_SECONDS": "1",
        "PROVIDER_HANDLES_OPTOUT_REPLY": "0",  # the one confirmation after STOP goes through the same storm (SMS-24)
        "SMS_LEASE_SECONDS": "8",
        "SMS_BREAKER_SECONDS": "2",
        "SMS_POLL_SECONDS": "20",
        "SMS_UNKNOWN_HORIZON_SECONDS": "6",
    }


class Rig(Stack):
    """The running system of a drill. `like` is a migrated database kept as files: (its directory, its name)."""

    def __init__(
        self,
        *,
        seed: int,
        size: int,
        like: tuple[Path, str] | None = None,
        evidence: bool = True,
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        faults = [f"--{name}={value}" for name, value in FAULTS.items()]
        silence = [] if evidence else ["--no-callbacks", "--no-lists"]
        options = [*faults, *silence, "--callback-shuffle", "--no-heeds-stop", "--no-auto-replies", f"--seed={seed}"]
        super().__init__("chaos", environment(), carrier_options=options, only=(*EVERYTHING, *SPARES), tell=tell)
        self.size = size
        self.due = datetime.max.replace(tzinfo=UTC)
        self.ended_by_themselves: list[str] = []
        self._kept = like
        self._dice = random.Random(f"{seed}:victims")

    @property
    def offset(self) -> timedelta:
        """How far the system's clock is from the real one."""
        return timedelta(seconds=int(self.environment["CLOCK_OFFSET_SECONDS"]))

    def _begin(self) -> embedded.Servers:
        directory, name = self._kept or (None, "casemgmt")
        servers = embedded.start(self.name, like=directory, fresh=True, spares=3)
        with servers.superuser("postgres") as connection:
            if name != "casemgmt":
                connection.execute("DROP DATABASE casemgmt")
                connection.execute(f'ALTER DATABASE "{name}" RENAME TO casemgmt')
            connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")  # the judge asks when an opt-out counted
        servers.restart_database(immediate=False)
        return servers

    def _furnish(self) -> None:
        self._tell(f"seeding {self.size} clients")
        self.due = datetime.fromisoformat(self.manage("seed_check_ins", str(self.size), timeout=1800).strip())
        lead = timedelta(seconds=LEAD + PER_CLIENT * self.size)
        offset = self.due - lead - datetime.now(UTC)  # a plan's time is a whole minute; nobody waits for the next one
        self.environment["CLOCK_OFFSET_SECONDS"] = str(int(offset.total_seconds()))

    def _describe(self) -> dict[str, Program]:
        programs = super()._describe()
        for spare, original in SPARES.items():
            argv = [str(part) for part in programs[original].argv]
            argv = [part.replace("beat-schedule", "beat-2-schedule") for part in argv]
            ready = programs[original].ready if original == "loop" else self._says_it_starts
            programs[spare] = Program(argv=argv, ready=ready)
        return programs

    def _says_it_starts(self, start: int) -> bool:
        return self._logged("beat-2", "beat: Starting", start)

    def kill_someone(self) -> str:
        """Kill -9 one process of one program, or the whole program; say which."""
        name = self._dice.choice(VICTIMS)
        children = self._children(name)
        if children and self._dice.random() < 0.5:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._dice.choice(children).kill()
            return f"a process of {name}"
        self.kill(name)
        self.revive()
        return name

    def _children(self, name: str) -> list[psutil.Process]:
        process = self._programs[name].process
        assert process
        try:
            return psutil.Process(process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def revive(self, *, by_us: bool = True) -> None:
        """Start again whatever ended, as a supervisor of processes would, without waiting until it is ready."""
        for name in self.dead():
            if not by_us:
                self.ended_by_themselves.append(name)
            self.kill(name)
            self._spawn(name)

    def restart_carrier(self) -> None:
        """Kill the carrier and start it again; it knows what it accepted."""
        self.kill("carrier")
        self.revive()

    def restart_broker(self) -> None:
        """Kill Redis and start another that knows nothing."""
        self.servers.restart_redis()

    def accepted(self) -> int:
        """Return how many texts the carrier's log holds."""
        return self.carrier_log.read_bytes().count(b'"kind":"accepted"')

    def wait_until_due(self) -> None:
        """Wait until the first check-in is due by the system's clock."""
        while datetime.now(UTC) + self.offset < self.due:
            if self.dead():
                raise StackError(f"{', '.join(self.dead())} ended before anything was broken; see {self.servers.home}")
            time.sleep(0.2)
        with self.servers.superuser("casemgmt") as connection:
            (there,) = connection.execute("SELECT count(*) FROM notifications_checkin").fetchone() or (0,)
        if there < self.size:
            raise StackError(f"only {there} of {self.size} check-ins were planned in time: this machine is too busy")
