"""Scenes 5a and 5b: an answer that cannot wait is paged and closed, and a return to use ends nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .checking_in import system_now
from .telling import shortened
from .world import World

CALM = {str(number): 0 for number in range(1, 10)}


def answer_a_worry(world: World) -> None:
    """Scene 5a: Pia's PHQ-9 has a positive ninth item; whoever is on call is asked, answers, and closes (MSR-05)."""
    tell, pia, theo, sam = world.teller, world["Pia"], world["Theo"], world["Sam"]
    tell.chapter("5a. An answer that cannot wait")
    client = world.known["client"]
    now = system_now(world)
    shift = {"role": "therapist", "starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=12)).isoformat()}
    planned = sam.post("on-call-shifts/", {**shift, "user": world.staff("Theo")})
    tell.step("Sam puts Theo on call", f"{planned.status_code}", so=planned.status_code == 201)
    asked = {"client": client, "instrument": "phq9", "items": {**CALM, "9": 1}, "mode": "in_person"}
    recorded = pia.post("measures/responses/", asked)
    alerts = theo.rows("alerts/", client=client)
    tell.step(
        "Pia records a PHQ-9 with a total of 1: the ninth item",
        f"{recorded.status_code}; open alerts: {[(each['what'], each['severity']) for each in alerts]}",
        so=recorded.status_code == 201 and [each["severity"] for each in alerts] == ["high"],
    )
    alert = alerts[0]["id"]
    paged = theo.rows("work-items/", kind="risk_alert", client=client)
    due = theo.rows("work-items/", kind="safety_screen_due", client=client)
    tell.step(
        "Theo, on call, finds it on his worklist at once, with a C-SSRS due today",
        f"{paged[0]['text']} {due[0]['text']}",
        so=bool(paged) and bool(due),
    )
    blocked = theo.get(f"episodes/{world.known['episode']}/transitions/").json()["transitions"]
    completing = next(each for each in blocked if each["verb"] == "complete")
    codes = [each["code"] for each in completing["failed_guards"]]
    tell.step("Nobody is completed meanwhile (T14)", ", ".join(codes), so="serious_alert_open" in codes)
    close_it(world, alert)


def close_it(world: World, alert: str) -> None:
    """A peer may not close an alert; Theo sees the client, screens again, and closes it with what was done (SMS-65)."""
    tell, pia, theo = world.teller, world["Pia"], world["Theo"]
    client = world.known["client"]
    mine = pia.post(f"alerts/{alert}/transitions/", {"verb": "close", "reason": "Seems fine.", "data": {}})
    tell.step("Pia tries to close it", f"{mine.status_code} {mine.json()['code']}", so=mine.status_code in (403, 422))
    taken = theo.post(f"alerts/{alert}/transitions/", {"verb": "acknowledge"})
    tell.step("Theo acknowledges: the ladder stops", f"{taken.status_code}", so=taken.status_code == 201)
    screen = {"client": client, "instrument": "cssrs", "items": {"1": 0, "2": 0, "6": 0}, "mode": "in_person"}
    screened = theo.post("measures/responses/", screen).json()
    note = {"kind": "contact_attempt", "channel": "phone", "outcome": "reached", "text": "Talked for half an hour."}
    theo.post(f"alerts/{alert}/notes/", note)
    told = {
        "contact_outcome": "reached",
        "disposition": "safe_with_plan",
        "safety_plan_updated": True,
        "follow_up_at": (system_now(world) + timedelta(hours=20)).isoformat(),
        "cssrs_response": screened.get("id"),
    }
    closed = theo.post(f"alerts/{alert}/transitions/", {"verb": "close", "reason": "Safe with a plan.", "data": told})
    left = theo.rows("alerts/", client=client)
    tell.step(
        "Theo calls, takes a C-SSRS, and closes it with what was done",
        f"{closed.status_code}; open alerts: {len(left)}; a follow-up is due within 24 hours",
        so=closed.status_code == 201 and left == [] and bool(theo.rows("work-items/", kind="risk_follow_up")),
    )


def return_to_use(world: World) -> None:
    """Scene 5b: a return to use is recorded and reviewed; it moves nobody and ends nothing (CLN-30)."""
    tell, carla, theo, pia = world.teller, world["Carla"], world["Theo"], world["Pia"]
    tell.chapter("5b. A return to use")
    episode = world.known["episode"]
    before = carla.get(f"episodes/{episode}/").json()["stage"]
    recorded = pia.post("returns-to-use/", told_by_client(world))
    after = carla.get(f"episodes/{episode}/").json()["stage"]
    review = theo.rows("work-items/", kind="return_to_use_review")
    tell.step(
        "Pia records that the client used again, in the client's words",
        f"{recorded.status_code}; stage before and after: {before}, {after}; Theo has it to review",
        so=recorded.status_code == 201 and before == after and len(review) == 1,
    )
    event = recorded.json()["id"]
    ended = theo.post(f"episodes/{episode}/transitions/", {"verb": "discharge", "data": ended_for_it()})
    tell.step(
        "Ending treatment for it takes a supervisor and a justification of its own",
        f"{ended.status_code} {ended.json()['code']}",
        so=ended.status_code in (403, 409, 422),
    )
    decided = {"outcome": "stay_and_intensify", "note": "Two calls a week for a month; the client asked for it."}
    reviewed = theo.post(f"returns-to-use/{event}/reviews/", decided)
    tell.step(
        "Theo reviews it with the client: stay, with more support",
        shortened(reviewed.json(), "outcome"),
        so=reviewed.status_code == 201 and theo.rows("work-items/", kind="return_to_use_review") == [],
    )
    still = carla.get(f"episodes/{episode}/").json()["stage"]
    tell.step("The client goes on where they were", still, so=still == before)


def told_by_client(world: World) -> dict[str, Any]:
    """Return what is recorded of the return to use."""
    return {
        "episode": world.known["episode"],
        "learned_on": f"{system_now(world).date()}",
        "source": "client",
        "overdose": False,
        "still_using": "no",
        "client_wishes": "I want to stay and get back on my feet.",
        "naloxone_offered": True,
        "safety_plan_checked": True,
    }


def ended_for_it() -> dict[str, Any]:
    """Return an attempt to discharge somebody because of a return to use only."""
    return {
        "discharge_reason": "terminated_by_facility",
        "causes": ["return_to_use"],
        "last_contact": "2026-01-05",
        "reentry_information_given": True,
    }
