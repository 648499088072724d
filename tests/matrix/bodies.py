"""Bodies and queries that the API calls valid, so that no refusal hides behind a missing field.

Most are made of the API's own description; what it cannot say (items of a measure, a basis) stands in `TOLD`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from casemgmt.kernel import clock
from tests.factories import people

from .world import NOBODY, World

Schema = dict[str, Any]


def description() -> Schema:
    """Return the OpenAPI document."""
    found: Schema = SchemaGenerator().get_schema(request=None, public=True)
    return found


CALM = {str(number): 0 for number in range(1, 10)}
PHONE = "+13165550177"
WORDED = {"key": "checkin", "language": "en", "text": "{alias}: How is it? 1 fine, 2 so-so, 3 call me. STOP to end."}

# Lists that ask of whom.
ASKED = {
    "consents/": "?client={client}",
    "notices/": "?client={client}",
    "disclosures/": "?client={client}",
    "restriction-requests/": "?client={client}",
    "oral-disclosures/": "?client={client}",
    "accounting-requests/": "?client={client}",
    "measures/trend/": "?client={client}&instrument=phq9",
    "measures/outcomes/": "?client={client}",
    "measures/responses/": "?client={client}",
    "levels-of-care/": "?client={client}",
    "continuing-care-plans/": "?client={client}",
    "contact-attempts/": "?client={client}",
    "returns-to-use/": "?client={client}",
    "checkups/": "?client={client}",
    "attendances/": "?client={client}",
    "iop-reviews/": "?client={client}",
}


def told(world: World) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the bodies that the description cannot say, or not well enough to be let in."""
    level = {"edition": 4, "code": "2.1", "rationale": "Nine hours fit."}
    answers = {"client": world.known["client"], "instrument": "phq9", "items": CALM, "mode": "in_person"}
    rule = {"name": "a_rule", "kind": "therapy", "relation": "needs_one_of", "kinds": ["peer_support"]}
    step = {"verb": "hold", "reason": "A pause.", "data": {}}
    return {
        ("patch", "care-team-members/<uuid:pk>/"): {"lead": False},
        ("post", "care-team-members/<uuid:pk>/end/"): {"reason": "reassigned"},
        ("post", "clients/<uuid:pk>/care-team/"): {"user": str(world.cast.peer.id), "role": "peer_specialist"},
        ("post", "clients/<uuid:pk>/contact-points/"): {"kind": "phone", "value": PHONE},
        ("post", "break-glass/<uuid:pk>/review/"): {"outcome": "appropriate"},
        ("post", "break-glass/"): {
            "client": world.known["client"],
            "reason": "medical",
            "explanation": "Nobody of the team can be reached.",
        },
        ("post", "conversations/<uuid:pk>/texts/"): {"text": "Shall I call you at noon?"},
        ("post", "wordings/"): WORDED,
        ("post", "wordings/preview/"): WORDED,
        ("post", "alerts/"): {
            "client": world.known["client"],
            "severity": "low",
            "what": "staff_concern",
            "reason": "Missed twice.",
        },
        ("post", "alerts/<uuid:pk>/transitions/"): {"verb": "acknowledge"},
        ("post", "alerts/<uuid:pk>/notes/"): {"kind": "note", "text": "Called."},
        ("post", "episodes/<uuid:pk>/transitions/"): step,
        ("post", "episodes/<uuid:pk>/proposals/"): step,
        ("post", "enrollments/<uuid:pk>/transitions/"): {"verb": "pause"},
        ("post", "referrals/<uuid:pk>/transitions/"): {"verb": "close"},
        ("post", "levels-of-care/"): {"episode": world.known["episode"], **level},
        ("post", "levels-of-care/<uuid:pk>/amendments/"): {**level, "reason": "Mistyped."},
        ("post", "continuing-care-plans/<uuid:pk>/amendments/"): {"goals": "Go on.", "reason": "Mistyped."},
        ("post", "measures/responses/"): answers,
        ("post", "measures/responses/<uuid:pk>/amendments/"): {"items": {"1": 1}, "reason": "Mistyped."},
        ("post", "measures/licenses/"): {"instrument": "barc10", "terms_hash": "0" * 64},
        ("post", "measures/texts/"): {"instrument": "phq9", "language": "en", "texts": {"1": "words"}},
        ("post", "guidance/statements/<uuid:pk>/corrections/"): {"yes": False, "reason": "Misheard."},
        ("post", "episodes/<uuid:pk>/guidance/facts/"): {
            "facts": [{"name": "isolated", "source": "client", "yes": True}]
        },
        ("post", "episodes/<uuid:pk>/guidance/decisions/"): {
            "rule_id": "DG-07",
            "target": "peer_support",
            "basis": "0" * 64,
            "verdict": "accepted",
        },
        ("patch", "programs/<uuid:pk>/"): {"alert": "Ring twice."},
        ("post", "programs/<uuid:pk>/capacity/"): {"capacity_total": 9},
        ("post", "programs/search/"): {"kind": "sober_living"},
        ("patch", "sites/<uuid:pk>/"): {"accessibility": "A ramp."},
        ("post", "combinations/"): {**rule, "sentence": "Not alone.", "reason": "Agreed."},
        ("post", "combinations/aside/"): {"name": "a_rule", "reason": "Agreed."},
        ("post", "sessions/"): {
            "starts_at": (datetime.now(UTC) + timedelta(days=9)).isoformat(),
            "minutes": 30,
            "clients": [world.known["client"]],
        },
        ("post", "sessions/<uuid:pk>/transitions/"): {"verb": "cancel", "data": {"cancelled_by": "client"}},
        ("patch", "attendances/<uuid:pk>/"): {"state": "excused"},
        ("post", "series/"): {
            "rrule": "FREQ=WEEKLY",
            "starts_on": f"{datetime.now(UTC).date()}",
            "local_time": "05:00",
            "minutes": 30,
        },
        ("patch", "series/<uuid:pk>/"): {"minutes": 45},
        ("post", "series/<uuid:pk>/continuations/"): {
            "from_date": f"{datetime.now(UTC).date() + timedelta(days=20)}",
            "minutes": 45,
            "version": 1,
        },
        ("post", "series/<uuid:pk>/end/"): {
            "last_day": f"{datetime.now(UTC).date() + timedelta(days=20)}",
            "version": 1,
        },
        ("post", "series/<uuid:pk>/departures/"): {"client": world.known["client"], "cancelled_by": "client"},
        ("post", "session-log/"): {"client": world.known["client"], "minutes": 30, "mode": "text", "summary": "Wrote."},
        **of_notes(world),
        ("post", "check-in-preferences/"): {"client": world.known["client"], "kind": "pause", "days": 7},
        ("post", "check-in-plans/previews/"): {
            "episode": world.known["episode"],
            "times": ["12:00"],
            "weekdays": [2],
        },
        ("post", "texting-consents/"): {
            "contact_point": world.known["contact_point"],
            "event": "opt_out",
            "channel": "phone_call",
        },
        ("post", "texting-consents/<uuid:pk>/review/"): {"decision": "review_upheld"},
        ("post", "clients/<uuid:pk>/emergency-disclosures/"): {
            "recipient_kind": "emergency_department",
            "categories": ["identity"],
        },
        ("patch", "emergency-disclosures/<uuid:pk>/"): {"nature": "Unconscious, not breathing."},
        ("post", "clients/<uuid:pk>/oral-disclosures/"): {
            "recipient": str(world.cast.south.id),
            "recipient_class": "community_service",
            "recipient_name": "South's intake",
            "categories": ["identity"],
            "purpose": "treatment",
            "description": "Confirmed the name on the telephone.",
        },
        ("post", "consents/<uuid:pk>/revocation-requests/"): {"channel": "text"},
        ("patch", "beds/<uuid:pk>/"): {"policy": "women"},
        ("post", "programs/<uuid:pk>/offers/"): {},
        ("post", "beds/<uuid:pk>/holds/"): {"reason": "arrival"},
        ("post", "residences/<uuid:pk>/beds/"): {"room": "9", "name": "z"},
        ("patch", "waitlist-entries/<uuid:pk>/"): {"priority": "urgent"},
        ("post", "waitlist-rules/"): {"reason": "Agreed."},
        ("post", "policies/"): {"name": "cosign_hours", "value": 12, "reason": "Agreed."},
        ("post", "decline-rules/"): {
            "decline_reason": "payer",
            "declined_by": "receiver",
            "consequence": "none",
            "reason": "Agreed.",
        },
        ("post", "referrals/<uuid:pk>/confirmations/"): {"agrees": True},
        ("post", "outside/session/"): {"token": "nobody's", "pin": "000000"},
        ("post", "business-calendar/closures/"): {"day": str(datetime.now(UTC).date()), "reason": "Agreed."},
        ("post", "business-calendar/weeks/"): {
            "hours": {"mon": [{"opens": "09:00", "closes": "17:00"}]},
            "reason": "Agreed.",
        },
    }


def of_notes(world: World) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the bodies about notes: each kind is written of a session of its own."""
    client, found = {"client": world.known["client"]}, {}
    for kind in ("peer", "clinical", "contact"):
        session = {"session": world.known[f"{kind} session"]}
        found["post", f"notes/{kind}/"] = {**session, **client, "summary": "Talked."}
        found["patch", f"notes/{kind}/<uuid:pk>/"] = {"summary": "Talked."}
        found["post", f"notes/{kind}/<uuid:pk>/amendments/"] = {"summary": "Talked more.", "reason": "Left out."}
    session = {"session": world.known["clinical session"]}
    asked = {"purpose": "oversight", "reason": "Yearly look at how notes are kept."}
    ends = (datetime.now(UTC) + timedelta(days=9)).date()
    return found | {
        ("post", "notes/counseling/"): {**session, **client, "analysis": "Guarded."},
        ("patch", "notes/counseling/<uuid:pk>/"): {"analysis": "Open."},
        ("post", "notes/counseling/readings/"): {**session, **client, **asked},
        ("post", "credentials/"): {"user": str(world.cast.peer.id), "kind": "peer_certified", "expires_on": f"{ends}"},
        ("post", "credential-overrides/"): {
            "user": str(world.cast.peer.id),
            "until_date": f"{ends}",
            "reason": "Renewal is on its way.",
        },
    }


class Bodies:
    """Makes a body for an operation."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.document = description()
        self.told = told(world)

    def query(self, route: str) -> str:
        """Return the query that a list cannot do without."""
        return ASKED.get(route, "").format(**self.world.known)

    def body(self, method: str, route: str) -> Any:
        """Return a body for a route, None when the description asks for none."""
        if (method, route) in self.told:
            return self.told[(method, route)]
        path = "/api/v1/" + route.replace("<uuid:pk>", "{id}").replace("<uuid:point>", "{point}")
        operation = self.document["paths"][path][method]
        content = operation.get("requestBody", {}).get("content", {})
        shape = content.get("application/json", {}).get("schema")
        return None if shape is None else self.example(shape, "")

    def example(self, shape: Schema, name: str) -> Any:
        """Return the smallest value of a shape; `name` is the field it is for."""
        if "$ref" in shape:
            return self.example(self.document["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]], name)
        for several in ("allOf", "oneOf", "anyOf"):
            if several in shape:
                return self.example(shape[several][0], name)
        if "enum" in shape:
            return shape["enum"][0]
        kind = shape.get("type", "string")
        kind = kind[0] if isinstance(kind, list) else kind
        make = {"object": self._object, "array": self._array, "string": self._text}.get(kind)
        if make is not None:
            return make(shape, name)
        return {"boolean": True, "integer": max(1, shape.get("minimum", 1)), "number": 1}[kind]

    def _object(self, shape: Schema, name: str) -> dict[str, Any]:
        fields = shape.get("properties", {})
        wanted = {*shape.get("required", ()), *(self.world.known.keys() & fields.keys() if not name else ())}
        return {each: self.example(fields[each], each) for each in sorted(wanted) if not fields[each].get("readOnly")}

    def _array(self, shape: Schema, name: str) -> list[Any]:
        return [self.example(shape["items"], name)] if shape.get("minItems", 0) else []

    def _text(self, shape: Schema, name: str) -> str:
        now = clock.now()
        if shape.get("format") == "uuid":
            return self.world.known.get(name, NOBODY)
        by_format = {"date": f"{people.today()}", "date-time": now.isoformat(), "email": "a@example.org"}
        if shape.get("format") in by_format:
            return by_format[shape["format"]]
        if shape.get("pattern", "").startswith("^([01]"):
            return "12:00"
        return "x" * max(1, shape.get("minLength", 1))
