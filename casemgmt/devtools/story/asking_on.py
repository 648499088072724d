"""Scene 5c: a referral is declined, somebody else is asked, and both sides call the loop closed."""

from __future__ import annotations

from .checking_in import system_now
from .handing_over import reasons, south_consent
from .world import World

ANSWER = {"goals": "Somebody who has been there, twice a week, after work."}


def ask_on(world: World) -> None:
    """South asks, is answered and declines; West is suggested, accepts, sees the client and closes the loop."""
    world.teller.chapter("5c. Declined here, taken there, and closed by both")
    declined = declined_at_south(world)
    taken = taken_by_west(world, suggested(world, declined))
    closed_by_both(world, taken)


def declined_at_south(world: World) -> str:
    """South's intake asks something, which a second packet answers, and declines for want of a place."""
    tell, carla, ines = world.teller, world["Carla"], world["Ines"]
    consent = south_consent(world, world.known["client"]) | {
        "recipient_ids": [world.organization("South"), world.organization("West")],
        "info_categories": ["identity", "contact", "goals", "accessibility", "safety_plan"],
        "purposes": ["recovery_support"],
        "discloser": "North and its staff",
    }
    carla.post("consents/", consent)
    referral = drafted(world, world.program("South", "peer_support"))
    move(world, "Carla", referral, "send")
    due = next(each for each in ines.rows("referrals/", box="inbox") if each["id"] == referral)
    tell.step(
        "Carla refers the client to South's peers; the clock runs in South's business hours",
        f"due: {due['due_at']}; overdue: {due['overdue']}",
        so=due["overdue"] is False and due["due_at"] is not None,
    )
    move(world, "Ines", referral, "request_info", question="What do they hope for?")
    refused = carla.post(
        f"referrals/{referral}/transitions/", {"verb": "answer_info", "data": {"told": {"diagnosis": "F10.20"}}}
    )
    answered = move(world, "Carla", referral, "answer_info", told=ANSWER)
    accounted = world["Priya"].rows("disclosures/", client=world.known["client"])
    tell.step(
        "Ines asks; Carla may not answer with a diagnosis, but with the client's hopes",
        f"{refused.status_code} {', '.join(reasons(refused.json()))}; {answered}; disclosures: {len(accounted)}",
        so=refused.status_code == 422 and answered == "acknowledged" and len(accounted) == 3,
    )
    stage = move(world, "Ines", referral, "decline", decline_reason="no_capacity", declined_by="receiver")
    hidden = ines.get(f"referrals/{referral}/").status_code
    items = carla.rows("work-items/", kind="referral_reroute")
    tell.step(
        "Ines declines: no place. South's sight of it ends at once, and Carla is asked to go on",
        f"{stage}; Ines now: {hidden}; on Carla's worklist: {items[0]['text']}",
        so=stage == "declined" and hidden == 404,
    )
    return referral


def suggested(world: World, declined: str) -> str:
    """Whom to ask instead, and why."""
    tell, carla = world.teller, world["Carla"]
    found = carla.get(f"referrals/{declined}/suggestions/").json()["results"]
    west = next(each for each in found if each["receiver_name"] == "West")
    tell.step(
        "Carla looks for somebody else",
        f"{west['program_name']}: places {west['places']}, because {', '.join(west['because'])}",
        so=west["places"] != "full" and all(each["receiver_name"] != "South" for each in found),
    )
    return str(west["program_id"])


def taken_by_west(world: World, program: str) -> str:
    """West accepts, books the first visit, and the client comes."""
    tell = world.teller
    referral = drafted(world, program)
    move(world, "Carla", referral, "send")
    accepted = move(world, "Wes", referral, "accept", contact_name="Wes")
    started = move(world, "Wes", referral, "start", first_visit_at=system_now(world).isoformat())
    tell.step("West accepts and sees the client", f"{accepted}, {started}", so=started == "in_progress")
    return referral


def closed_by_both(world: World, referral: str) -> None:
    """West closes the loop and returns a summary; Carla agrees."""
    tell, carla = world.teller, world["Carla"]
    move(world, "Wes", referral, "complete", outcome="enrolled", summary="Meets a peer on Tuesdays and Fridays.")
    claimed = carla.get(f"referrals/{referral}/").json()
    agreed = carla.post(f"referrals/{referral}/confirmations/", {"agrees": True}).status_code
    closed = carla.get(f"referrals/{referral}/").json()["loop"]["state"]
    tell.step(
        "West closes the loop; it is closed when Carla agrees",
        f"{claimed['loop']['state']}: {claimed['returned_summary']!r}; {agreed} {closed}",
        so=claimed["loop"]["state"] == "claimed" and closed == "closed",
    )


def drafted(world: World, program: str) -> str:
    """Return a new draft of Carla's."""
    body = {"episode": world.known["episode"], "program": program, "reason": "A peer who has been there."}
    body["told"] = {"goals": "Stay sober at work.", "safety_plan": "yes"}
    return str(world["Carla"].post("referrals/", body).json()["id"])


def move(world: World, who: str, referral: str, verb: str, **data: object) -> str:
    """Move a referral as somebody; return where it stands then, or why not."""
    answer = world[who].post(f"referrals/{referral}/transitions/", {"verb": verb, "data": data})
    body = answer.json()
    return str(body.get("to_stage") or ", ".join(reasons(body)))
