"""Scenes 6 and 8: check-ins by text at local times, an answer, a STOP, and a crash that changes nothing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from .world import World

KANSAS = ZoneInfo("America/Chicago")
HAWAII = ZoneInfo("Pacific/Honolulu")
MANY = 12  # clients checked in with at the same minute


def check_in(world: World) -> None:
    """Scene 6, with scene 8 in its middle."""
    tell = world.teller
    tell.chapter("6. Checking in by text")
    numbers = agree_with_everybody(world)
    due = plan_everything(world)
    stop_before_it_is_due(world, numbers)
    crash_in_the_middle(world, due, numbers)
    answer_three(world, numbers)
    quiet_hours(world)


def agree_with_everybody(world: World) -> dict[str, str]:
    """Carla notes working numbers and that the clients agreed to texts; the phones confirm. Return client -> number."""
    tell, carla = world.teller, world["Carla"]
    others = [each["id"] for each in world.known["alive"] if each["id"] != world.known["client"]][: MANY + 1]
    world.known["stopper"], world.known["islander"], group = others[0], others[1], others[2:]
    people = [world.known["client"], world.known["stopper"], *group]
    numbers = {client: f"+1316555{120 + place:04d}" for place, client in enumerate(people)}
    numbers[world.known["islander"]] = "+13165550199"
    for client, number in numbers.items():
        agree(world, client, number)
    tell.say(f"Carla notes {len(numbers)} working numbers and that their owners agreed to texts")
    said = [confirm(world, number) for number in numbers.values()]
    states = tell.wait_for("the consents", lambda: all_opted_in(world, list(numbers)), seconds=40)
    tell.step("The clients' phones say YES", f"{sum(said)} asked, {states} opted in", so=states == len(numbers))
    moved = carla.get(f"clients/{world.known['islander']}/").json()
    away = {"residence_state": "HI", "timezone": "Pacific/Honolulu"}
    answer = carla.patch(f"clients/{world.known['islander']}/", away, moved["version"])
    tell.step(
        "One of them moves to Hawaii",
        f"{answer.status_code}, zone {answer.json().get('timezone')}",
        so=answer.status_code == 200,
    )
    return numbers


def agree(world: World, client: str, number: str) -> None:
    """Note a number, open an episode unless there is one, and record the opt-in told to staff."""
    carla = world["Carla"]
    point = carla.post(f"clients/{client}/contact-points/", {"kind": "phone", "value": number, "preferred": True})
    if client != world.known["client"]:
        carla.post("episodes/", {"client": client, "source": "self", "reason": "Begins."})
    told = {
        "contact_point": point.json()["id"],
        "event": "opt_in",
        "channel": "paper",
        "disclosure_version": "2026-11",
    }
    carla.post("texting-consents/", told).raise_for_status()


def phone(world: World, number: str) -> list[dict[str, Any]]:
    """Return what a phone shows, oldest first."""
    answer = httpx.get(f"{world.stack.carrier_url}/control/phone", params={"number": number}, timeout=10)
    return list(answer.json()["thread"])


def write(world: World, number: str, body: str) -> None:
    """Type a text on a client's phone."""
    text = {"from": number, "to": world.stack.environment["SMS_FROM_NUMBER"], "body": body}
    httpx.post(f"{world.stack.carrier_url}/control/inbound", json=text, timeout=10).raise_for_status()


def confirm(world: World, number: str) -> bool:
    """Wait until the phone is asked for its YES, and say it; False when nothing asks."""
    state = consents(world).get(number)
    if state == "opted_in":
        return False
    world.teller.wait_for("the question whether texts are welcome", lambda: phone(world, number) or None, seconds=40)
    write(world, number, "YES")
    return True


def consents(world: World) -> dict[str, str]:
    """Return number -> state of consent."""
    found = world["Carla"].rows("texting-consents/", limit=100)
    clients = world["Carla"].rows("clients/", limit=100)
    values = {point["id"]: point["value"] for each in clients for point in each["contact_points"]}
    return {values.get(each["contact_point_id"], ""): each["state"] for each in found}


def all_opted_in(world: World, clients: list[str]) -> int | None:
    """Return how many are opted in once all are, else None."""
    found = world["Carla"].rows("texting-consents/", limit=100)
    live = {each["client_id"] for each in found if each["state"] == "opted_in"}
    return len(clients) if set(clients) <= live else None


def system_now(world: World) -> datetime:
    """Return what the system's clock says, in Kansas."""
    offset = timedelta(seconds=int(world.stack.environment["CLOCK_OFFSET_SECONDS"]))
    return (datetime.now(UTC) + offset).astimezone(KANSAS)


def plan_everything(world: World) -> datetime:
    """Carla plans a check-in for the coming minute; return when it is due."""
    tell, carla = world.teller, world["Carla"]
    now = system_now(world)
    due = (now + timedelta(seconds=20)).replace(second=0, microsecond=0) + timedelta(minutes=1)
    made = []
    for client in [world.known["client"], world.known["stopper"], *group_of(world)]:
        made.append(plan(world, client, due).status_code)
    island = plan(world, world.known["islander"], due.astimezone(HAWAII))
    mine = carla.rows("check-in-plans/", client=world.known["client"])
    world.known["plan"] = mine[0]["id"]
    tell.step(
        f"Carla plans a check-in for {due:%H:%M} local time",
        f"{len(made)} plans in Kansas, one in Hawaii, where that is {due.astimezone(HAWAII):%H:%M}",
        so=set(made) == {201} and island.status_code == 201,
    )
    coming = carla.rows("check-ins/", client=world.known["client"], limit=100)
    tell.step("Their check-ins of the coming 14 days are there", f"{len(coming)} for our client", so=len(coming) >= 2)
    return due


def group_of(world: World) -> list[str]:
    """Return the other clients in Kansas whom the story checks in with."""
    others = [each["id"] for each in world.known["alive"] if each["id"] != world.known["client"]]
    return [str(each) for each in others[2 : MANY + 1]]


def plan(world: World, client: str, local: datetime) -> httpx.Response:
    """Plan a weekly check-in at a local time of the day."""
    episode = world["Carla"].rows("episodes/", client=client)[0]["id"]
    body = {"episode": episode, "times": [f"{local:%H:%M}"], "weekdays": [local.isoweekday()]}
    return world["Carla"].post("check-in-plans/", body)


def stop_before_it_is_due(world: World, numbers: dict[str, str]) -> None:
    """A client says STOP while a text is on its way to them."""
    tell, carla, client = world.teller, world["Carla"], world.known["stopper"]
    tell.wait_for("the text to stand in line", lambda: waiting(world, client), seconds=40)
    write(world, numbers[client], "STOP")
    gone = tell.wait_for("STOP to be heard", lambda: called_off(world, client), seconds=20)
    items = carla.rows("work-items/", client=client, kind="texting_opted_out")
    tell.step(
        "Another client texts STOP; their check-in is due within the minute",
        f"it is {gone['status']} ({gone['reason']}); on Carla's worklist: {items[0]['text'] if items else '-'}",
        so=gone["status"] == "cancelled" and len(items) == 1,
    )


def waiting(world: World, client: str) -> bool | None:
    """Return True once a check-in text of the client stands in line."""
    found = world["Carla"].rows("messages/", client=client, kind="check_in", status="pending")
    return bool(found) or None


def called_off(world: World, client: str) -> dict[str, Any] | None:
    """Return the client's check-in text once it was called off."""
    found = world["Carla"].rows("messages/", client=client, kind="check_in", status="cancelled")
    return dict(found[0]) if found else None


def asked(world: World, number: str) -> int:
    """Return how many check-ins a phone got."""
    return sum("How are you" in each["body"] for each in phone(world, number) if each["direction"] == "to the phone")


def crash_in_the_middle(world: World, due: datetime, numbers: dict[str, str]) -> None:
    """Scene 8: while the texts go out, the worker is killed and Redis forgets everything."""
    tell, stack = world.teller, world.stack
    everybody = {client: numbers[client] for client in group_of(world)}
    early = [number for number in numbers.values() if asked(world, number)]
    tell.step(f"Before {due:%H:%M} no check-in has left", f"{len(early)} phones asked", so=early == [])
    carrier(world, latency_least=0.5, latency_most=0.7)  # slow enough to be killed while it speaks
    tell.wait_for("the first check-in", lambda: any_asked(world, everybody) or None, seconds=90)
    stack.kill("worker")
    stack.redis_flushall()
    so_far = sum(asked(world, number) for number in everybody.values())
    tell.step(
        "While the texts go out, kill -9 hits the Celery worker and Redis forgets everything (FLUSHALL)",
        f"{so_far} of {len(everybody)} were asked so far",
        so=so_far < len(everybody),
    )
    tell.wait_for("every phone to be asked", lambda: everybody_asked(world, everybody), seconds=60)
    carrier(world, latency_least=0.002, latency_most=0.03)
    stack.restart("worker")
    tell.wait_for("what the worker left behind", lambda: all_settled(world) or None, seconds=40)
    counts = [asked(world, number) for number in everybody.values()]
    tell.step(
        "Every client is asked exactly once all the same",
        f"{len(everybody)} phones, texts per phone: {dict(Counter(counts))}",
        so=counts == [1] * len(everybody),
    )
    silent = asked(world, numbers[world.known["stopper"]])
    tell.step("The client who said STOP is asked nothing", f"{silent} check-ins", so=silent == 0)
    met = asked(world, numbers[world.known["client"]])
    tell.step("Our client, whom somebody met today, is not asked either", f"{met} check-ins", so=met == 0)
    text = next(each["body"] for each in phone(world, next(iter(everybody.values()))) if "How are you" in each["body"])
    tell.say(f"on the phone: “{text}”")
    done = tell.wait_for("the carrier's receipts", lambda: delivered(world, list(everybody)), seconds=30)
    tell.step("The carrier reports delivery", f"{done} delivered", so=done == len(everybody))


def carrier(world: World, **settings: float) -> None:
    """Change how quickly the stand-in carrier answers."""
    httpx.post(f"{world.stack.carrier_url}/control/settings", json=settings, timeout=10).raise_for_status()


def all_settled(world: World) -> bool:
    """True once no text is under way or in doubt."""
    carla = world["Carla"]
    return not any(carla.rows("messages/", status=status) for status in ("sending", "unknown"))


def any_asked(world: World, people: dict[str, str]) -> bool:
    """True once somebody was asked."""
    return any(asked(world, number) for number in people.values())


def everybody_asked(world: World, people: dict[str, str]) -> list[int] | None:
    """Return how often each phone was asked once all were, else None."""
    counts = [asked(world, number) for number in people.values()]
    return counts if all(counts) else None


def delivered(world: World, clients: list[str]) -> int | None:
    """Return how many check-in texts are delivered once all are, else None."""
    found = world["Carla"].rows("messages/", status="delivered", kind="check_in", limit=100)
    count = len({each["client_id"] for each in found} & set(clients))
    return count if count == len(clients) else None


def answer_three(world: World, numbers: dict[str, str]) -> None:
    """A client answers 3, and a work item stands in Carla's list within seconds."""
    tell, carla, client = world.teller, world["Carla"], group_of(world)[0]
    write(world, numbers[client], "3")
    sent = datetime.now(UTC)

    def item() -> dict[str, Any] | None:
        found = carla.rows("work-items/", client=client, kind="reply_call_me")
        return dict(found[0]) if found else None

    found = tell.wait_for("the work item", item, seconds=20)
    after = (datetime.now(UTC) - sent).total_seconds()
    tell.step(
        "One of them answers 3 (please call me)",
        f"on Carla's worklist after {after:.1f} s: {found['text']} Due {found['due_at']}",
        so=after < 10,
    )
    closed = carla.post(f"work-items/{found['id']}/done/", {"outcome": "reached"})
    tell.step(
        "Carla calls and closes it",
        f"{closed.status_code} {closed.json().get('outcome')}",
        so=closed.status_code == 200,
    )


def quiet_hours(world: World) -> None:
    """In Hawaii it is night: the text waits for nine o'clock there."""
    tell, carla, client = world.teller, world["Carla"], world.known["islander"]

    def put_off() -> dict[str, Any] | None:
        found = carla.rows("messages/", client=client, kind="check_in", status="pending")
        return dict(found[0]) if found and found[0]["due_at"] != found[0]["planned_at"] else None

    message = tell.wait_for("Hawaii's text to be put off", put_off, seconds=30)
    opens = datetime.fromisoformat(message["due_at"]).astimezone(HAWAII)
    tell.step(
        "In Hawaii it is too early for a text",
        f"it waits until {opens:%H:%M} there",
        so=(opens.hour, opens.minute) == (9, 0),
    )
