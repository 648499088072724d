"""Scene 5d: a day at work. The directory by need, a group that comes again, who came, the dose, the next free place."""

from __future__ import annotations

from datetime import timedelta

from .checking_in import system_now
from .world import World


def a_working_day(world: World) -> None:
    """What peer specialists and case managers do all day."""
    world.teller.chapter("5d. A day at work")
    find_by_need(world)
    plan_a_group(world)
    tell_who_came(world)
    read_the_dose(world)
    wait_for_a_place(world)


def find_by_need(world: World) -> None:
    """Carla asks the directory for peers who speak Spanish; it says why each is listed and what nobody knows."""
    asked = {"kind": "peer_support", "language": "es"}
    found = world["Carla"].post("programs/search/", asked).json()
    first = found["results"][0]
    matched = ", ".join(each["code"] for each in first["matched"])
    world.teller.step(
        "Carla looks for peers who speak Spanish",
        f"{len(found['results'])} programs; the first fits by: {matched}",
        so="language" in matched,
    )


def plan_a_group(world: World) -> None:
    """Pia plans a walking group that comes again twice a week."""
    pia = world["Pia"]
    starts = system_now(world).date() + timedelta(days=1)
    group = {
        "format": "group",
        "title": "Walking group",
        "mode": "in_person",
        "program": world.program("North", "peer_support"),
        "rrule": "FREQ=WEEKLY;BYDAY=MO,TH",
        "starts_on": starts.isoformat(),
        "local_time": "18:00",
        "minutes": 60,
        "clients": [world.known["client"]],
    }
    made = pia.post("series/", group)
    planned = pia.rows("sessions/", series=made.json().get("id"), limit=100)
    world.teller.step(
        "Pia plans a walking group on Mondays and Thursdays",
        f"{made.status_code}; sessions in the next eight weeks: {len(planned)}",
        so=made.status_code == 201 and 15 <= len(planned) <= 17,
    )


def tell_who_came(world: World) -> None:
    """The client did not come to a visit; somebody is asked to reach out, and a correction takes that back."""
    pia, client = world["Pia"], world.known["client"]
    visit = {
        "starts_at": (system_now(world) - timedelta(hours=3)).isoformat(),
        "minutes": 20,
        "mode": "phone",
        "program": world.program("North", "peer_support"),
        "clients": [client],
    }
    session = pia.post("sessions/", visit).json()
    told = {"verb": "hold", "data": {"attendances": [{"client": client, "state": "no_show"}]}}
    held = pia.post(f"sessions/{session['id']}/transitions/", told)
    work = pia.rows("work-items/", kind="no_show_outreach")
    world.teller.step(
        "The client did not come to Pia's call",
        f"{held.status_code}; on Pia's worklist: {work[0]['text'] if work else 'nothing'}",
        so=held.status_code == 201 and len(work) == 1,
    )
    (row,) = pia.rows(f"sessions/{session['id']}/attendances/")
    right = {"state": "attended", "minutes": 20, "reason": "She called back at once."}
    changed = pia.patch(f"attendances/{row['id']}/", right, row["version"])
    left = pia.rows("work-items/", kind="no_show_outreach")
    world.teller.step(
        "It turns out that she called back: Pia corrects it, with the reason",
        f"{changed.status_code}; still to do: {len(left)}",
        so=changed.status_code == 200 and left == [],
    )


def read_the_dose(world: World) -> None:
    """Carla reads how much support there was this week."""
    carla = world["Carla"]
    enrollments = carla.rows("enrollments/", episode=world.known["episode"], limit=100)
    peer = next(each for each in enrollments if each["kind"] == "peer_support")
    week = carla.get(f"enrollments/{peer['id']}/dose/").json()["weeks"][0]
    world.teller.step(
        "Carla reads the dose of this week",
        f"{week['minutes']} minutes in {week['sessions']} session(s)",
        so=week["minutes"] >= 20,
    )


def wait_for_a_place(world: World) -> None:
    """Carla lists the client for North's therapy; Sam offers the next place; it is accepted and nobody else gets it."""
    tell, carla, sam = world.teller, world["Carla"], world["Sam"]
    program = world.program("North", "therapy")
    listed = carla.post(f"programs/{program}/waitlist/", {"episode": world.known["episode"], "priority": "urgent"})
    line = carla.rows(f"programs/{program}/waitlist/")
    rank = line[0]["entry"]["rank"]
    points = ", ".join(f"{each['term']} {each['points']}" for each in rank["terms"])
    tell.step(
        "Carla puts the client in line for North's therapy",
        f"{listed.status_code}; position {line[0]['position']} with {rank['points']} points ({points})",
        so=listed.status_code == 201,
    )
    offer = sam.post(f"programs/{program}/offers/")
    taken = carla.post(f"offers/{offer.json().get('id')}/acceptance/")
    tell.step(
        "Sam offers the next place and Carla accepts for the client",
        f"{offer.status_code}, {taken.status_code}: an enrollment is planned",
        so=offer.status_code == 201 and taken.status_code in (200, 201),
    )
