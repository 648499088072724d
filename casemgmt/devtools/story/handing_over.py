"""Scenes 4, 5 and 7: a referral under a consent, the way through the stages, and an outsider who sees nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .arriving import last_line, look_ahead
from .checking_in import system_now
from .telling import shortened
from .world import World


def refer_to_south(world: World) -> None:
    """Scene 4: refused without consent, sent with one, seen and accepted by South, and the next stage follows."""
    tell, carla, tess = world.teller, world["Carla"], world["Tess"]
    tell.chapter("4. A referral to South's therapist")
    episode, client = world.known["episode"], world.known["client"]
    body = {
        "episode": episode,
        "program": world.program("South", "therapy"),
        "reason": "Weekly therapy beside a first job.",
        "urgency": "routine",
    }
    drafted = carla.post("referrals/", body).json()
    referral = world.known["referral"] = drafted["id"]
    refused = carla.post(f"referrals/{referral}/transitions/", {"verb": "send"})
    inbox = tess.rows("referrals/", box="inbox")
    tell.step(
        "Carla sends it without a consent that covers South",
        f"{refused.status_code}: {', '.join(reasons(refused.json()))}; South's inbox: {len(inbox)}",
        so=refused.status_code in (409, 422) and inbox == [],
    )
    consent = carla.post("consents/", south_consent(world, client))
    tell.step("The client signs a consent that names South", f"{consent.status_code}", so=consent.status_code == 201)
    sent = carla.post(f"referrals/{referral}/transitions/", {"verb": "send"})
    accounted = world["Priya"].rows("disclosures/", client=client)
    tell.step(
        "Carla sends it again; Priya, the privacy officer, looks at the accounting",
        f"{sent.status_code}; disclosures on record: {[each['recipient_name'] for each in accounted]}",
        so=sent.status_code == 201 and len(accounted) == 1,
    )
    south_answers(world, referral, client)


def south_answers(world: World, referral: str, client: str) -> None:
    """South's therapist finds the packet, sees nothing beyond it, and accepts."""
    tell, tess = world.teller, world["Tess"]
    seen = tess.get(f"referrals/{referral}/").json()
    tell.step(
        "Tess finds it in South's inbox and opens the packet",
        f"sections: {', '.join(seen['packet']['sections'])}",
        so=len(tess.rows("referrals/", box="inbox")) == 1,
    )
    hidden = tess.get(f"clients/{client}/")
    tell.step("Tess looks for the client's record itself", f"{hidden.status_code}", so=hidden.status_code == 404)
    accepted = tess.post(f"referrals/{referral}/transitions/", {"verb": "accept"})
    tell.step(
        "Tess accepts", f"{accepted.status_code} {accepted.json().get('to_stage')}", so=accepted.status_code == 201
    )
    confirm_proposal(world)


def reasons(problem: dict[str, Any]) -> list[str]:
    """Return the codes of a refusal."""
    return [each["code"] for each in problem.get("failed_guards", [])] or [problem["code"]]


def south_consent(world: World, client: str) -> dict[str, object]:
    """Return a whole consent that names South as recipient (P2-10 to P2-16)."""
    return {
        "client": client,
        "type": "named_recipient",
        "client_name": "as on record",
        "discloser": "North and its staff",
        "recipient_ids": [world.organization("South")],
        "info_categories": ["identity", "contact", "reason", "level_of_care", "risk_level"],
        "info_description": "What South's therapist needs: who I am, how to reach me, why, and my level of care.",
        "purposes": ["treatment"],
        "expires_at": "2036-01-01T00:00:00Z",
        "revocation_instructions": "Tell North in writing; it ends at once for what was not yet sent.",
        "redisclosure_statement_included": True,
        "refusal_consequences_included": True,
        "hipaa_redisclosure_statement_included": True,
        "signer_name": "as on record",
        "signer_relationship": "self",
        "signed_at": "2026-01-05T15:00:00Z",
        "signature_method": "electronic",
    }


def confirm_proposal(world: World) -> None:
    """The acceptance proposed therapy; Carla confirms, and a clinician's approval carries it out (T9)."""
    tell, carla, theo = world.teller, world["Carla"], world["Theo"]
    episode = world.known["episode"]
    waiting = carla.rows(f"episodes/{episode}/proposals/")
    proposal = next(each for each in waiting if each["status"] == "proposed")
    items = carla.rows("work-items/", kind="stage_proposed")
    tell.step(
        "Carla finds the next stage proposed by the system",
        f"{proposal['verb']}, from {proposal['source_type']}; on her worklist: {items[0]['text']}",
        so=proposal["verb"] == "enter_therapy" and proposal["proposed_by_kind"] == "system",
    )
    plan = {"episode": episode, "program": world.program("South", "therapy"), "provider": world.staff("Tess")}
    carla.post("enrollments/", plan)
    measured_and_signed(world, "1.5")
    told = {"data": {"progress_summary": "Attended every group; sleeps again; starts a job."}}
    confirmed = carla.post(f"proposals/{proposal['id']}/confirmations/", told).json()
    tell.step(
        "Carla confirms it; leaving IOP is a clinician's decision (T9)",
        f"{confirmed['proposal']['status']}, waits for approval",
        so=confirmed["proposal"]["status"] == "confirmed" and confirmed["move"] is None,
    )
    done = theo.post(f"proposals/{proposal['id']}/confirmations/").json()
    tell.step(
        "Theo approves",
        shortened(done["move"] or {}, "rule", "from_stage", "to_stage"),
        so=bool(done["move"]) and done["move"]["to_stage"] == "therapy",
    )


def measured_and_signed(world: World, code: str) -> None:
    """Theo measures again and signs the level that the next stage needs: a step down rests on both (T9, G5)."""
    theo, client = world["Theo"], world.known["client"]
    calm = {str(number): 0 for number in range(1, 10)}
    asked = {"client": client, "instrument": "phq9", "items": {**calm, "3": 1, "4": 1}, "mode": "in_person"}
    measured = theo.post("measures/responses/", asked)
    level = {"episode": world.known["episode"], "edition": 4, "code": code, "rationale": "Less is enough now."}
    signed = theo.post("levels-of-care/", level)
    world.teller.step(
        f"Theo takes the PHQ-9 again and signs level {code}",
        f"{measured.status_code}, {signed.status_code}",
        so=measured.status_code == signed.status_code == 201,
    )


def step_on(world: World) -> None:
    """Scene 5: a peer logs a session; the client goes on through peer support and sober living to aftercare."""
    tell, carla, theo, pia = world.teller, world["Carla"], world["Theo"], world["Pia"]
    tell.chapter("5. Step by step")
    episode, client = world.known["episode"], world.known["client"]
    for kind, provider in (("peer_support", "Pia"), ("sober_living", "Hal"), ("aftercare", "Carla")):
        plan = {"episode": episode, "program": world.program("North", kind), "provider": world.staff(provider)}
        planned = carla.post("enrollments/", plan)
        tell.step(f"Carla plans {kind} with {provider}", f"{planned.status_code}", so=planned.status_code == 201)
        if kind == "sober_living":
            agree_with_house(world, planned.json()["id"])
    log = {"client": client, "minutes": 40, "mode": "in_person", "summary": "Walked to the meeting together."}
    logged = pia.post("session-log/", log)
    tell.step(f"Pia logs a session in {len(log)} fields", f"{logged.status_code}", so=logged.status_code == 201)
    plan_for_after(world)
    down = {"progress_summary": "Holds a job; wants somebody who has been there.", "old_service": "continue"}
    up = {"trigger": "housing_loss"}
    after = {"progress_summary": "Half a year in the house; own flat found."}
    for who, verb, data in (
        (theo, "enter_peer_support", down),
        (carla, "enter_sober_living", up),
        (carla, "enter_aftercare", after),
    ):
        moved = who.post(f"episodes/{episode}/transitions/", {"verb": verb, "data": data, "reason": "Agreed."})
        saw = shortened(moved.json(), "rule", "direction", "to_stage") if moved.status_code == 201 else moved.text
        tell.step(f"{who.name} moves the client: {verb}", saw, so=moved.status_code == 201)
    ledger = carla.rows(f"episodes/{episode}/moves/")
    way = " → ".join(each["to_stage"] for each in reversed(ledger))
    tell.step("The ledger tells the whole way", way, so=len(ledger) == 6)
    proof = world.stack.manage("verify_ledgers")
    tell.step("verify_ledgers proves it", last_line(proof), so="whole" in proof)
    ahead = look_ahead(world, "Pia")
    tell.step("Pia asks what she may do next", f"{len(ahead)} steps, none decided by her", so=not allowed(ahead))


def agree_with_house(world: World, enrollment: str) -> None:
    """Hal goes through the house rules with the client (G8)."""
    agreed = world["Hal"].post(f"enrollments/{enrollment}/house-agreements/", {})
    world.teller.step("Hal records the house agreement", f"{agreed.status_code}", so=agreed.status_code == 201)


def plan_for_after(world: World) -> None:
    """Carla writes the continuing-care plan together with the client (G9)."""
    plan = {
        "episode": world.known["episode"],
        "goals": "Keep the job; two meetings a week; call Pia on Fridays.",
        "warning_signs": "Skipping meals and meetings; call Pia, then Carla.",
        "check_ins_refused": True,  # for now: later the client agrees to texts
        "first_checkup_on": f"{system_now(world).date() + timedelta(days=60)}",
        "peer_offer": "accepted",
        "given_at": f"{system_now(world).isoformat()}",
    }
    written = world["Carla"].post("continuing-care-plans/", plan)
    world.teller.step("Carla writes the continuing-care plan", f"{written.status_code}", so=written.status_code == 201)


def allowed(ahead: dict[str, dict[str, object]]) -> list[str]:
    """Return the verbs that somebody may carry out now."""
    return [verb for verb, option in ahead.items() if option["status"] == "allowed"]


def outsider(world: World) -> None:
    """Scene 7: a case manager of a third organization gets the same 404 for hidden and absent, everywhere."""
    tell, olga = world.teller, world["Olga"]
    tell.chapter("7. An outsider looks")
    known = world.known
    nobody = "00000000-0000-7000-8000-000000000000"
    places = {
        "clients/{}/": known["client"],
        "episodes/{}/": known["episode"],
        "episodes/{}/transitions/": known["episode"],
        "episodes/{}/moves/": known["episode"],
        "referrals/{}/": known["referral"],
        "referrals/{}/transitions/": known["referral"],
        "check-in-plans/{}/": known.get("plan", nobody),
    }
    same = True
    for place, there in places.items():
        hidden, absent = olga.get(place.format(there)), olga.get(place.format(nobody))
        same = same and hidden.status_code == absent.status_code == 404 and hidden.content == absent.content
    tell.step(f"Olga of East asks {len(places)} addresses for the client", "404, the same bytes as for nobody", so=same)
    lists = (
        "clients/",
        "episodes/",
        "referrals/?box=inbox",
        "work-items/",
        "enrollments/",
        "notes/peer/",
        "check-ins/",
    )
    rows = {name: len(olga.rows(name)) for name in (*lists, "notes/peer/")}
    tell.step("Olga reads every list", f"{sum(rows.values())} rows", so=sum(rows.values()) == 0)
    moved = olga.post(f"episodes/{known['episode']}/transitions/", {"verb": "hold"})
    tell.step("Olga tries to move the client", f"{moved.status_code}", so=moved.status_code == 404)
