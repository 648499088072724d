"""The order of the scenes, and the surroundings they are played in."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .arriving import import_directory, import_people, into_care
from .asking_on import ask_on
from .checking_in import check_in
from .handing_over import outsider, refer_to_south, step_on
from .keeping_safe import answer_a_worry, return_to_use
from .working_day import a_working_day
from .world import World

HOME = ZoneInfo("America/Chicago")
TOLD_AT = time(10, 30)  # local time at which the story begins, whatever the hour is outside


def environment() -> dict[str, str]:
    """Return the settings of the story: quick ticks, and a clock that stands at a decent hour in the clients' town.

    The real clock goes on underneath; only its hour is moved, always back, so that the story can be told at night as
    well and nothing of ours claims to come from after the carrier's clock.
    """
    here = datetime.now(UTC).astimezone(HOME)
    wanted = datetime.combine(here.date(), TOLD_AT, tzinfo=HOME)
    if wanted > here:
        wanted -= timedelta(days=1)
    return {
        "CLOCK_OFFSET_SECONDS": str(int((wanted - here) / timedelta(seconds=1))),
        "TICK_RELAY_SECONDS": "1",
        "TICK_MATERIALIZE_SECONDS": "1",
        "TICK_SEND_SECONDS": "1",
        "TICK_RECONCILE_SECONDS": "1",
        "TICK_INBOX_SECONDS": "1",
        "LOOP_INTERVAL_SECONDS": "1",
        "SMS_LEASE_SECONDS": "5",
        "SMS_UNKNOWN_HORIZON_SECONDS": "3",
    }


def play(world: World) -> None:
    """Play the story from the first scene to the last; raise NotAsItShouldBe at the first step that is not so."""
    prepare(world)
    check_in(world)
    outsider(world)


def prepare(world: World) -> None:
    """Play everything before the texts: what there is to know of a client is then on record. Raises as `play` does."""
    world.stack.manage("seed_demo", f"--password={world.password}")
    world.everybody_logs_in()
    world.teller.say(f"{len(world.people)} people are logged in; the clock says {TOLD_AT:%H:%M} in Kansas")
    import_people(world)
    import_directory(world)
    into_care(world)
    refer_to_south(world)
    step_on(world)
    answer_a_worry(world)
    return_to_use(world)
    ask_on(world)
    a_working_day(world)
