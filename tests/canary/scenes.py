"""What a sweep cannot guess: texts that are told only together with something else, or not over the API at all."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from .sweeping import Sweep

MANAGER, THERAPIST, SUPERVISOR = "north case_manager", "north therapist", "north supervisor"
OFFICER, SOUTH, PEER = "north privacy_officer", "south intake", "north peer_specialist"
SIGNED = {"signer_relationship": "self", "signed_at": "2026-01-05T15:00:00Z", "signature_method": "paper"}
STATED = dict.fromkeys(("redisclosure_statement_included", "refusal_consequences_included"), True)


class Scenes:
    """Told one after the other; each is done for certain, or the test is red."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep, self.ids, self.more = sweep, sweep.told["ids"], sweep.told["more"]
        self.now = datetime.fromisoformat(sweep.told["now"])
        self.client, self.episode = sweep.told["known"]["client"], sweep.told["known"]["episode"]

    def word(self, where: str) -> str:
        """Return a canary."""
        return self.sweep.mint.word(where)

    def post(self, name: str, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        """Do something that succeeds."""
        answer = self.sweep.screens[name].post(f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status_code in (200, 201), f"{path}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    def play(self) -> None:
        """Play everything before the sweep, which leaves little as it was."""
        self.newcomer()
        self.consents()
        self.disclosures()
        self.referral()
        self.chart()
        self.guidance()
        self.enrollment()
        self.meetings()
        self.emergency()
        self.alert()
        self.pause()

    def newcomer(self) -> None:
        """A client and their numbers; the answer is kept under an idempotency key, and a repeat of it is answered."""
        number, mail = self.sweep.mint.number("phone"), f"{self.word('mail')}@example.org"
        new = {"given_name": self.word("given"), "family_name": self.word("family"), "city": self.word("city")}
        for _ in range(2):
            made = self.post(MANAGER, "clients/", new, **{"Idempotency-Key": "canary-newcomer-1"})
        points = f"clients/{made['id']}/contact-points/"
        self.post(MANAGER, points, {"kind": "phone", "value": number, "preferred": True})
        self.post(MANAGER, points, {"kind": "email", "value": mail})
        told = {"contact_point": self.ids["point"], "event": "opt_out", "channel": "phone_call"}
        self.post(MANAGER, "texting-consents/", told | {"evidence": self.word("evidence")})

    def consents(self) -> None:
        """A consent to treatment, and one that names South."""
        for kind, recipients in (("treatment", []), ("named_recipient", [self.more["south"]])):
            words = ("client_name", "discloser", "info_description", "revocation_instructions", "signer_name")
            form = {name: self.word(f"consent {name}") for name in words} | SIGNED | STATED
            form |= {"client": self.client, "type": kind, "hipaa_redisclosure_statement_included": True}
            if recipients:
                shared = ["identity", "contact", "reason", "level_of_care", "risk_level"]
                form |= {"recipient_ids": recipients, "info_categories": shared, "purposes": ["treatment"]}
                form |= {"expires_at": "2036-01-01T00:00:00Z", "through_intermediary": True}
                form |= {"intermediary_name": self.word("consent intermediary_name")}
            made = self.post(MANAGER, "consents/", form)
        for step in ("disputes", "disputes/settlement"):
            self.post(MANAGER, f"consents/{made['id']}/{step}/", {"reason": self.word(step)})

    def disclosures(self) -> None:
        """Something is said, an emergency is told and judged; the client asks what left, and to keep things back."""
        of_client, south = f"clients/{self.client}/", self.more["south"]
        said = {"recipient": south, "recipient_class": "community_service", "categories": ["reason"]}
        said |= {"purpose": "treatment", "recipient_name": self.word("spoken to"), "description": self.word("spoken")}
        self.post(MANAGER, f"{of_client}oral-disclosures/", said)
        words = ("personnel_name", "facility", "discloser_name", "nature")
        told = {name: self.word(f"emergency {name}") for name in words} | {"disclosed_at": "2026-01-05T15:00:00Z"}
        told |= {"recipient_kind": "ambulance", "categories": ["medications"]}
        told |= {"told": {"medications": self.word("emergency medications")}}
        emergency = self.post(MANAGER, f"{of_client}emergency-disclosures/", told)["emergency"]["id"]
        self.post(MANAGER, f"emergency-disclosures/{emergency}/close/", {})
        judged = {"outcome": "needs_followup", "remark": self.word("emergency remark")}
        self.post(OFFICER, f"emergency-disclosures/{emergency}/review/", judged)
        kept_back = {"categories": ["diagnosis"]}
        for answer in ("agreement", "declining"):
            body = kept_back | {"scope": self.word("restriction")}
            asked = self.post(PEER, f"{of_client}restriction-requests/", body)["id"]
            reason = {"reason": self.word("declining")} if answer == "declining" else {}
            self.post(OFFICER, f"restriction-requests/{asked}/{answer}/", reason)
            if answer == "agreement":
                end = {"basis": "client_oral", "note": self.word("restriction's end")}
                self.post(OFFICER, f"restriction-requests/{asked}/termination/", end)
        asks = {"requester": "guardian", "requester_name": self.word("requester")}
        asked = self.post(OFFICER, f"{of_client}accounting-requests/", asks)["id"]
        self.post(OFFICER, f"accounting-requests/{asked}/extension/", {"reason": self.word("extension")})

    def referral(self) -> None:
        """A packet is sent, asked about and answered; the client is seen; the two sides differ about the end."""
        words, over = ("level_of_care", "risk_level"), self.word("accepted over capacity")
        told = {name: self.word(f"referral {name}") for name in words}
        body = {"episode": self.episode, "program": self.more["south_program"], "urgency": "routine"}
        made = self.post(MANAGER, "referrals/", body | {"reason": self.word("referral reason"), "told": told})
        steps: list[tuple[str, str, dict[str, Any]]] = [
            (MANAGER, "send", {}),
            (SOUTH, "request_info", {"question": self.word("question")}),
            (MANAGER, "answer_info", {"told": {"risk_level": self.word("answer")}}),
            ("south supervisor", "accept", {"contact_name": self.word("contact"), "over_capacity_reason": over}),
            (SOUTH, "start", {"first_visit_at": None}),
            (SOUTH, "complete", {"outcome": "served", "summary": self.word("returned")}),
        ]
        at = ""
        for who, verb, data in steps:
            told = data | {"first_visit_at": at} if "first_visit_at" in data else data
            order = {"verb": verb, "data": told, "reason": self.word(verb)}
            at = self.post(who, f"referrals/{made['id']}/transitions/", order)["at"]
        disputed = {"agrees": False, "reason": self.word("dispute")}
        self.post(MANAGER, f"referrals/{made['id']}/confirmations/", disputed)

    def chart(self) -> None:
        """What the sweep's bodies would contradict themselves with."""
        held = {"outcome": "stable", "note": self.word("checkup")}
        self.post(MANAGER, f"checkups/{self.ids['checkups']}/outcome/", held)
        certified = {"episode": self.episode, "kind": "recertification", "outcome": "still_fits"}
        self.post(THERAPIST, "iop-reviews/", certified | {"certified_by": self.word("physician")})
        words = {name: self.word(f"plan {name}") for name in ("goals", "warning_signs", "supports", "reason")}
        amended = self.post(MANAGER, f"continuing-care-plans/{self.ids['continuing-care-plans']}/amendments/", words)
        refused = {"refused_at": "2026-01-05T15:00:00Z", "refusal_note": self.word("plan refused")}
        self.post(MANAGER, f"continuing-care-plans/{amended['id']}/amendments/", refused | {"reason": self.word("why")})
        items = {str(number): int(number == 1) for number in range(1, 10)}
        amends = {"items": items, "reason": self.word("measure")}
        self.post(THERAPIST, f"measures/responses/{self.ids['measures/responses/']}/amendments/", amends)

    def guidance(self) -> None:
        """A recommendation is declined with a reason, on the facts that stand."""
        path = f"episodes/{self.episode}/guidance/"
        shown = self.sweep.screens[MANAGER].get(f"/api/v1/{path}").json()
        row = shown["suggestions"][0]
        rule = {"rule_id": row["rule_id"], "target": row["service"], "basis": row["basis"]}
        self.post(MANAGER, f"{path}decisions/", rule | {"verdict": "overridden", "reason": self.word("guidance")})

    def enrollment(self) -> None:
        """A full program takes the client all the same."""
        plan = {"episode": self.episode, "program": self.more["full_program"], "reason": self.word("enrollment")}
        self.post(SUPERVISOR, "enrollments/", plan | {"over_capacity_reason": self.word("over capacity")})

    def meetings(self) -> None:
        """Sessions are logged, late too; each kind of note is written and amended; a supervisor reads one."""
        kinds = {
            "peer": (PEER, {"goals": [self.word("a goal")], "next_step": self.word("next")}),
            "clinical": (
                THERAPIST,
                {name: self.word(name) for name in ("presentation", "intervention", "response", "plan")},
            ),
            "contact": (MANAGER, {"next_step": self.word("next step")}),
        }
        for kind, (who, more) in kinds.items():
            logged = self.logged(who, hours=3)
            amended = more | {"summary": self.word("again"), "reason": self.word("amended")}
            self.post(who, f"notes/{kind}/{logged['note_id']}/amendments/", amended)
            late = self.logged(who, hours=120, late_reason=self.word("late"))
            if kind == "clinical":
                self.thought(late)
        path, screen = f"/api/v1/attendances/{logged['attendance_id']}/", self.sweep.screens[MANAGER]
        told = {"state": "late", "minutes": 5, "reason": self.word("corrected")}
        changed = screen.patch(path, json=told, headers={"If-Match": screen.get(path).headers["ETag"]})
        assert changed.status_code == 200, changed.text

    def thought(self, late: dict[str, Any]) -> None:
        """A counseling note, signed late, amended, and read by a supervisor."""
        about = {"session": late["session_id"], "client": self.client}
        drafted = self.post(THERAPIST, "notes/counseling/", about | {"analysis": self.word("analysis")})
        path = f"notes/counseling/{drafted['id']}/"
        self.post(THERAPIST, f"{path}signatures/", {"late_reason": self.word("signed late")})
        amended = {"analysis": self.word("analysis again"), "reason": self.word("thought again")}
        self.post(THERAPIST, f"{path}amendments/", amended)
        why = f"{self.word('oversight')} of how notes are kept"
        self.post(SUPERVISOR, "notes/counseling/readings/", about | {"purpose": "oversight", "reason": why})

    def logged(self, who: str, *, hours: int, **more: str) -> dict[str, Any]:
        """Log a session that began so many hours ago."""
        began = (self.now - timedelta(hours=hours)).isoformat()
        told = {"client": self.client, "minutes": 20, "mode": "phone", "summary": self.word("session")}
        return self.post(who, "session-log/", told | {"started_at": began} | more)

    def emergency(self) -> None:
        """Somebody breaks the glass again."""
        sweep = self.sweep
        ended = sweep.ask(THERAPIST, "post", "break-glass/<uuid:pk>/end/", {})
        assert ended.status_code < 300, ended.text
        why = {
            "client": self.more["neighbor"],
            "reason": "medical",
            "explanation": f"{self.word('emergency')} in the waiting room",
        }
        self.post(THERAPIST, "break-glass/", why)

    def alert(self) -> None:
        """An alert is taken and closed with everything that closing asks for."""
        moves, soon = f"alerts/{self.ids['alerts']}/transitions/", self.now + timedelta(hours=20)
        self.post(THERAPIST, moves, {"verb": "acknowledge", "reason": self.word("acknowledge")})
        told = {"contact_outcome": "reached", "disposition": "safe_with_plan", "safety_plan_updated": False}
        told |= {"follow_up_at": soon.isoformat(), "cssrs_not_done": self.word("not done")}
        self.post(THERAPIST, moves, {"verb": "close", "data": told, "reason": self.word("close")})

    def pause(self) -> None:
        """A step is proposed, and another is taken, both with more than they need."""
        later = str(self.now.date() + timedelta(days=2))
        steps = f"episodes/{self.episode}/"
        data = {"progress_summary": self.word("progress"), "goals": self.word("goals")}
        asked = {"verb": "enter_peer_support", "reason": self.word("propose"), "data": data}
        self.post(MANAGER, f"{steps}proposals/", asked)
        data = {"hold_reason": "hospital", "review_date": later, "summary": self.word("summary")}
        self.post(MANAGER, f"{steps}transitions/", {"verb": "hold", "reason": self.word("hold"), "data": data})

    def phones(self, carrier: str, ours: str) -> None:
        """Phones write: one that we know, and one that nobody knows."""
        for sender in (self.sweep.told["phone"], self.sweep.mint.number("unknown phone")):
            text = {"from": sender, "to": ours, "body": f"{self.word('text')} please"}
            httpx.post(f"{carrier}/control/inbound", json=text, timeout=10).raise_for_status()

    def patients(self, directory: Path) -> Path:
        """Return a file of patients of another system."""
        name = {"use": "official", "family": self.word("import family"), "given": [self.word("import given")]}
        patient = {"resourceType": "Patient", "id": self.word("import id"), "name": [name], "birthDate": "1980-02-03"}
        patient["address"] = [{"city": self.word("import city"), "state": "KS"}]
        file = directory / "patients.ndjson"
        file.write_text(json.dumps(patient) + "\n" + json.dumps({"resourceType": "Patient", "id": self.word("bad")}))
        return file
