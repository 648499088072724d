"""Scenes 1 to 3: people and programs are there, a client comes in, and is moved into care."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from casemgmt.devtools.instances import PROJECT

from .telling import shortened
from .world import World

WANTED = {  # what a new client lacks for IOP
    "part2_notice_missing",
    "treatment_consent_missing",
    "safety_screen_outdated",
    "level_of_care_missing",
    "provider_missing",
}
NOWHERE = "00000000-0000-7000-8000-000000000000"
SAMPLE = PROJECT / "casemgmt" / "devtools" / "sample"


def import_people(world: World) -> None:
    """Scene 1: North imports its people from FHIR, twice."""
    tell, stack = world.teller, world.stack
    tell.chapter("1. North imports its people")
    source, as_carla = str(SAMPLE / "fhir-r4" / "Patient.ndjson"), ["--actor", world["Carla"].email]
    command = ["import_fhir", source, "--organization", "North", *as_carla]
    dry = stack.manage(*command, "--dry-run")
    listed = world["Carla"].rows("clients/", limit=1)
    tell.step("Carla tries the import with --dry-run", last_line(dry) + "; nobody was written", so=listed == [])
    remarks = stack.servers.home / "import-report.csv"
    report = stack.manage(*command, "--report", str(remarks))
    tell.step("Carla imports 120 patients", last_line(report), so="120 imported" in report)
    rows = list(csv.DictReader(remarks.open()))
    for code in ("phone_invalid", "deceased"):
        row = next(each for each in rows if each["code"] == code)
        tell.say(f"in the report: line {row['line']}, {code}: {row['sentence']}")
    again = stack.manage(*command)
    clients = world.known["clients"] = everybody(world)
    tell.step(
        "Carla imports the same file again", last_line(again) + f"; clients: {len(clients)}", so=len(clients) == 120
    )
    dead = [each for each in clients if each["deceased"]]
    numbers = [point for each in clients for point in each["contact_points"] if point["kind"] == "phone"]
    invalid = [point for point in numbers if point["status"] == "invalid"]
    tell.step(
        "Carla looks at the list",
        f"{len(dead)} have died; {len(invalid)} of {len(numbers)} numbers belong to no carrier, none is ever texted",
        so=len(dead) == 20 and len(invalid) == len(numbers),
    )


def everybody(world: World) -> list[dict[str, Any]]:
    """Return all clients of North, page by page."""
    found: list[dict[str, Any]] = []
    query: dict[str, object] = {"limit": 100}
    while True:
        page = world["Carla"].get("clients/", **query).json()
        found += page["results"]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


def last_line(text: str) -> str:
    """Return the last line that says something."""
    return next(line for line in reversed(text.splitlines()) if line.strip()).strip()


def import_directory(world: World) -> None:
    """Scene 2: an admin imports the HSDS directory, twice; the programs stand in it."""
    tell, stack, ana = world.teller, world.stack, world["Ana"]
    tell.chapter("2. The directory")
    path = str(SAMPLE / "hsds-3.0")
    command = ["import_hsds", path, "--actor", ana.email]
    first = stack.manage(*command)
    tell.step("Ana imports the HSDS directory", last_line(first), so=True)
    before = len(ana.rows("organizations/", limit=100))
    again = stack.manage(*command)
    after = len(ana.rows("organizations/", limit=100))
    tell.step("Ana imports it again", f"{last_line(again)}; organizations: {after}", so=before == after)
    listed = world["Carla"].rows("programs/", limit=100)
    kinds = sorted({each["kind"] for each in listed if each["organization_name"] in ("North", "South")})
    tell.step(
        "Carla reads which programs North and South offer",
        ", ".join(kinds),
        so=kinds == ["aftercare", "iop", "peer_support", "sober_living", "therapy"],
    )
    therapy = next(each for each in listed if each["name"] == "South therapy")
    tell.step("… South's therapy", ", ".join(therapy["modalities"]), so=len(therapy["modalities"]) == 9)


def into_care(world: World) -> None:
    """Scene 3: an episode is opened, what is missing is recorded, and a clinician moves the client into IOP."""
    tell, carla, theo = world.teller, world["Carla"], world["Theo"]
    tell.chapter("3. A client comes in")
    alive = [each for each in world.known["clients"] if not each["deceased"] and is_adult(each)]
    world.known["alive"] = alive
    client = world.known["client"] = alive[0]["id"]
    opened = carla.post("episodes/", {"client": client, "source": "self", "reason": "Wants to start over."})
    episode = world.known["episode"] = opened.json()["id"]
    tell.step("Carla opens an episode", shortened(opened.json(), "stage"), so=opened.json()["stage"] == "intake")
    ahead = look_ahead(world, "Carla")["enter_iop"]
    missing = [each["code"] for each in ahead["failed_guards"]]
    tell.step(
        "Carla asks what may happen next (GET …/transitions/)",
        f"enter_iop: {ahead['status']}, decided by {' or '.join(ahead['who'])}; missing: {', '.join(missing)}",
        so=set(missing) >= WANTED,
    )
    refused = theo.post(f"episodes/{episode}/transitions/", iop_order(world))
    codes = [each["guard"] for each in refused.json().get("failed_guards", [])]
    for each in refused.json().get("failed_guards", []):
        tell.say(f"{each['guard']}: {each['sentence']} {each['remedy']}")
    tell.step(
        "Theo tries all the same, and is told everything at once",
        f"{refused.status_code} {refused.json()['code']}: {', '.join(codes)}",
        so=refused.status_code == 409,
    )
    record_what_is_missing(world, client, episode)
    assess(world, client, episode)
    ahead = look_ahead(world, "Carla")["enter_iop"]
    tell.step("Carla asks again", f"{ahead['status']}, nothing missing", so=ahead["failed_guards"] == [])
    asked = carla.post(f"episodes/{episode}/proposals/", {"verb": "enter_iop", "reason": "Client asks for structure."})
    tell.step("Carla proposes the move", shortened(asked.json(), "verb", "status"), so=asked.status_code == 201)
    two_screens(world, episode)


def is_adult(client: dict[str, object]) -> bool:
    """True when the client is surely of age."""
    return bool(client["birth_date"]) and date.fromisoformat(str(client["birth_date"])) < date(2005, 1, 1)


def look_ahead(world: World, name: str) -> dict[str, dict[str, Any]]:
    """Return what each verb means for somebody now."""
    answer = world[name].get(f"episodes/{world.known['episode']}/transitions/").json()
    return {each["verb"]: each for each in answer["transitions"]}


def iop_order(world: World, **more: object) -> dict[str, object]:
    """Return the order that moves somebody into IOP, by the level that was signed (T3)."""
    data = {"start_date": "2026-01-05", "level_of_care": world.known.get("level", NOWHERE)}
    return {"verb": "enter_iop", "data": data, "reason": "Level 2.1 recommended.", **more}


def record_what_is_missing(world: World, client: str, episode: str) -> None:
    """Carla gives the notice, records consent to treatment, a working number, and plans the enrollment."""
    tell, carla = world.teller, world["Carla"]
    notice = carla.post("notices/", {"client": client, "notice_version": "2026-02", "method": "in_person"})
    consent = carla.post("consents/", treatment_consent(client))
    point = {"kind": "phone", "value": "+1 316 555 0110", "preferred": True}
    number = carla.post(f"clients/{client}/contact-points/", point)
    plan = {"episode": episode, "program": world.program("North", "iop"), "provider": world.staff("Theo")}
    planned = carla.post("enrollments/", plan)
    answers = (notice, consent, number, planned)
    tell.step(
        "Carla gives the notice, records the consent to treatment and a working number, and plans the enrollment",
        ", ".join(str(each.status_code) for each in answers),
        so=all(each.status_code == 201 for each in answers),
    )


def assess(world: World, client: str, episode: str) -> None:
    """Theo screens for safety and signs the level of care (G4, G5)."""
    tell, theo = world.teller, world["Theo"]
    screened = theo.post("measures/responses/", safety_screen(client))
    level = {"episode": episode, "edition": 4, "code": "2.1", "rationale": "Nine hours a week fit a life at home."}
    signed = theo.post("levels-of-care/", level)
    world.known["level"] = signed.json()["id"]
    tell.step(
        "Theo takes the C-SSRS screener and signs level 2.1",
        f"{screened.status_code}, {signed.status_code}",
        so=screened.status_code == signed.status_code == 201,
    )


def safety_screen(client: str) -> dict[str, object]:
    """Return a C-SSRS screener without any yes."""
    return {"client": client, "instrument": "cssrs", "items": {"1": 0, "2": 0, "6": 0}, "mode": "in_person"}


def treatment_consent(client: str) -> dict[str, object]:
    """Return a whole consent to receive service (G3)."""
    return {
        "client": client,
        "type": "treatment",
        "client_name": "as on record",
        "signer_name": "as on record",
        "signer_relationship": "self",
        "signed_at": "2026-01-05T15:00:00Z",
        "signature_method": "paper",
        "info_description": "Receiving intensive outpatient care and what follows it.",
        "revocation_instructions": "Tell any member of staff, in writing or in person.",
    }


def two_screens(world: World, episode: str) -> None:
    """Theo and Sam press the button at the same moment: one moves, the other is told."""
    tell = world.teller
    version = world["Theo"].get(f"episodes/{episode}/").json()["version"]
    order = iop_order(world, version=version)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(world[name].post, f"episodes/{episode}/transitions/", order) for name in ("Theo", "Sam")]
        answers = sorted((each.result() for each in both), key=lambda answer: answer.status_code)
    moved, told = answers
    tell.step(
        "Theo and Sam move the client into IOP at the same moment",
        f"{moved.status_code} {moved.json().get('to_stage')} for one, {told.status_code} {told.json().get('code')} "
        "for the other",
        so=(moved.status_code, told.status_code) == (201, 409),
    )
    ledger = world["Carla"].rows(f"episodes/{episode}/moves/")
    tell.step("The ledger has one row for it", f"{len(ledger)} rows in all", so=len(ledger) == 2)
