"""One client of North with one row of everything, and everybody who may or may not come to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction

from casemgmt.access.models import Grant, Reason, RestrictedBecause
from casemgmt.accounts.models import Membership, User
from casemgmt.accounts.roles import Role
from casemgmt.care_team.services import NewMember, add_member
from casemgmt.care_team.words import TeamRole
from casemgmt.chart.models import Checkup, ContactAttempt, ContinuingCarePlan, LevelOfCareAssessment
from casemgmt.chart.services.checkups import plan_checkups
from casemgmt.clients.restricting import restrict_client
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.places.services.beds import assign_bed
from casemgmt.sessions.models import Attendance
from notifications.models import InboundText, TextingConsent
from notifications.services.inbox import process_inbox
from programs.models import CapacityReport
from programs.rules.kinds import Kind
from tests.cast import Cast
from tests.factories import (
    alerts,
    care_team,
    chart,
    notifications,
    people,
    places,
    programs,
    readiness,
    referrals,
    told,
    worklist,
)
from tests.factories import (
    consent as consents,
)
from tests.web import Web


def first(model: Any, episode: Episode) -> Any:
    """Return the id of an episode's first row of a kind."""
    return model.objects.filter(episode=episode).order_by("id").values_list("id", flat=True)[0]


DEEPER = ("measures/", "guidance/", "notes/")  # the first word of these says too little
NOBODY = "00000000-0000-7000-8000-000000000000"


WORDED = "{alias}: How are things? 1 good, 2 so-so, 3 call me. STOP to end."


@dataclass
class World:
    """The ids by the first word of the route they belong to, and who asks."""

    cast: Cast
    ids: dict[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)  # what a body may name

    def path(self, route: str, *, absent: bool = False) -> str:
        """Return an address of a route for our rows, or for rows that do not exist."""
        name = route.split("/", 1)[0] if not route.startswith(DEEPER) else route.split("<", 1)[0]
        found = route.replace("<uuid:pk>", NOBODY if absent else self.ids.get(name, NOBODY))
        return found.replace("<uuid:point>", NOBODY if absent else self.ids["point"])


def settle(cast: Cast, api: Any) -> World:
    """Return the world."""
    world = World(cast)
    with transaction.atomic():
        episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
        readiness.handed_over(cast, episode)
    client, now = episode.client, clock.now()
    manager, therapist, peer = (api(each) for each in (cast.case_manager, cast.therapist, cast.peer))

    def made(answer: Any) -> dict[str, Any]:
        assert answer.status_code == 201, answer.content
        found: dict[str, Any] = answer.json()
        return found

    ahead = readiness.told(cast, episode) | {"expedite": True, "trigger": "symptom_rise"}
    made(manager.post(f"episodes/{episode.id}/transitions/", {"verb": "enter_iop", "data": ahead, "reason": "Now."}))
    used = made(peer.post("returns-to-use/", chart.used_again(episode)))
    decided = {"outcome": "stay_and_intensify", "note": "Two calls a week."}
    review = made(therapist.post(f"returns-to-use/{used['id']}/reviews/", decided))
    iop = made(therapist.post("iop-reviews/", {"episode": str(episode.id), "kind": "review", "outcome": "still_fits"}))
    asked = made(peer.post(f"episodes/{episode.id}/proposals/", {"verb": "hold", "reason": "Needs a pause."}))
    visit = {"client": str(client.id), "minutes": 30, "mode": "phone", "summary": "Talked."}
    every_week = {
        "rrule": "FREQ=WEEKLY",
        "starts_on": f"{(now + timedelta(days=1)).date()}",
        "local_time": "04:00",
        "minutes": 30,
        "clients": [str(client.id)],
    }
    series = made(peer.post("series/", every_week))
    written = {}
    for kind, web in (("peer", peer), ("clinical", therapist), ("contact", manager)):
        written[kind] = made(web.post("session-log/", visit))
    parted = {"session": written["clinical"]["session_id"], "client": str(client.id)}
    thought = made(therapist.post("notes/counseling/", {**parted, "analysis": "Guarded today."}))
    made(therapist.post(f"notes/counseling/{thought['id']}/signatures/"))
    licensed = {"user": str(cast.peer.id), "kind": "peer_certified", "expires_on": "2036-01-01"}
    credential = made(api(cast.supervisor).post("credentials/", licensed))
    member = care_team.member(client, cast.therapist)
    alert = alerts.alert(client, cast.north)
    shift = alerts.on_call(cast.therapist, Role.THERAPIST, cast.north)
    statement = told.statement(episode, "unsure", True, by=cast.peer.id)
    texted = notifications.Texted(
        client, episode, client.contact_points.get(), notifications.agree(client.contact_points.get())
    )
    notifications.message(texted, due_at=now + timedelta(days=1))
    notifications.silent(texted, cast.case_manager)
    notifications.arrives(texted.number, "hello")
    process_inbox()
    item = worklist.item(cast.north, client)
    of_group = Attendance.objects.filter(client=client, state="expected").order_by("starts_at")[0]
    with transaction.atomic():
        later = readiness.ready_episode(cast, stage=Stage.AFTERCARE)
        plan_checkups(Episode.objects.lock(later.id), at=now, actor=cast.supervisor)
    house = episode.enrollments.filter(program__kind="sober_living").get()
    site = made(api(cast.supervisor).post("sites/", {"name": "Elm", "street": "12 Elm Street", "city": "Wichita"}))
    house.program.sites.add(site["id"])
    CapacityReport.objects.create(program=house.program, new_total=8, actor_kind="system")
    bed = places.bed(house.program, cast.case_manager)
    use = assign_bed(bed_id=bed.id, enrollment_id=house.id, starts_at=None, actor=cast.case_manager)
    waited_for = programs.program(cast.north, kind=Kind.OTHER, capacity_total=1)
    entry = places.waiting(waited_for, cast.case_manager, episode=episode)
    offer = places.offered(waited_for, cast.case_manager)
    world.ids = (
        kept_by_keepers(cast, api)
        | disclosed(cast, api, client)
        | {
            "clients": client.id,
            "point": texted.point.id,
            "care-team-members": member.id,
            "consents": client.consents.order_by("id").first().id,
            "work-items": item.id,
            "measures/responses/": client.measure_responses.order_by("id").first().id,
            "alerts": alert.id,
            "on-call-shifts": shift.id,
            "episodes": episode.id,
            "proposals": asked["id"],
            "co-signatures": episode.co_signatures.get().id,
            "levels-of-care": first(LevelOfCareAssessment, episode),
            "continuing-care-plans": first(ContinuingCarePlan, episode),
            "contact-attempts": first(ContactAttempt, episode),
            "returns-to-use": used["id"],
            "return-to-use-reviews": review["id"],
            "checkups": first(Checkup, later),
            "iop-reviews": iop["id"],
            "guidance/statements/": statement.id,
            "programs": house.program_id,
            "enrollments": house.id,
            "sites": site["id"],
            "sessions": of_group.session_id,
            "attendances": of_group.id,
            "series": series["id"],
            "residences": house.program_id,
            "beds": bed.id,
            "bed-uses": use.id,
            "waitlist-entries": entry.id,
            "offers": offer.id,
            **{f"notes/{kind}/": each["note_id"] for kind, each in written.items()},
            "notes/counseling/": thought["id"],
            "credentials": credential["id"],
            "referrals": client.referrals.get().id,
            "referral-links": referrals.link(client.referrals.get()).id,
            "check-in-plans": episode.check_in_plans.get(source="hand").id,
            "conversations": client.conversations.get().id,
            "inbound-texts": InboundText.objects.get().id,
            "texting-consents": TextingConsent.objects.get().id,
        }
    )
    world.ids = {name: str(each) for name, each in world.ids.items()}
    world.known = {
        "client": str(client.id),
        "episode": str(episode.id),
        "program": str(house.program_id),
        "provider": str(cast.therapist.id),
        "user": str(cast.therapist.id),
        **{f"{kind} session": each["session_id"] for kind, each in written.items()},
        "assignee": str(cast.therapist.id),
        "contact_point": str(texted.point.id),
        "enrollment": str(house.id),
        "bed": str(bed.id),
    }
    return world


def kept_by_keepers(cast: Cast, api: Any) -> dict[str, Any]:
    """Return what those who run North and guard its records see: accounts, links, a restricted client of its own."""
    supervisor, intake = api(cast.supervisor), cast.at_north[Role.INTAKE]
    account = supervisor.post("service-accounts/", {"name": "Sync"}).json()["id"]
    token = supervisor.post("service-tokens/", {"account": account, "scopes": ["directory.read"]}).json()["id"]
    newcomer = {"email": "nora@example.org", "name": "Nora", "roles": ["intake"]}
    neighbor = people.client(cast.north, phone=None, given_name="Bo")
    member = NewMember(cast.case_manager.id, TeamRole.CASE_MANAGER)
    add_member(client_id=neighbor.id, new=member, actor=cast.case_manager)
    restriction = restrict_client(client_id=neighbor.id, reason=RestrictedBecause.STAFF, actor=cast.supervisor)
    why = {"client": str(neighbor.id), "reason": "medical", "explanation": "Fell in the waiting room."}
    return {
        "service-accounts": account,
        "service-tokens": token,
        "wordings": supervisor.post("wordings/", {"key": "checkin", "language": "en", "text": WORDED}).json()["id"],
        "invitations": supervisor.post("invitations/", newcomer).json()["id"],
        "staff": intake.id,
        "memberships": Membership.objects.get(user_id=intake.id).id,
        "restrictions": restriction.id,
        "break-glass": api(cast.therapist).post("break-glass/", why).json()["id"],
    }


def disclosed(cast: Cast, api: Any, client: Any) -> dict[str, Any]:
    """Return what was told of the client, in an emergency and by word of mouth, and what the client asks about that."""
    manager, officer = api(cast.case_manager), api(cast.at_north[Role.PRIVACY_OFFICER])
    consents.consent(client, recipients=[cast.south])
    emergency = manager.post(f"clients/{client.id}/emergency-disclosures/", consents.EMERGENCY).json()
    said = consents.spoken(cast.south, recipient_class="community_service")  # what South offers
    spoken = manager.post(f"clients/{client.id}/oral-disclosures/", said).json()
    kept_back = {"scope": "Nothing to my employer.", "categories": ["diagnosis"]}
    asks = {"requester": "self", "requester_name": "Ada Example"}
    return {
        "emergency-disclosures": emergency["emergency"]["id"],
        "oral-disclosures": spoken["id"],
        "restriction-requests": manager.post(f"clients/{client.id}/restriction-requests/", kept_back).json()["id"],
        "accounting-requests": officer.post(f"clients/{client.id}/accounting-requests/", asks).json()["id"],
    }


def actors(cast: Cast) -> dict[str, Actor]:
    """Return who asks, in the order of the table's columns; East's never had, have, or had a grant to the client."""
    EAST.clear()
    found = {f"north {role.value}": actor for role, actor in cast.at_north.items()}
    found |= {f"south {role.value}": actor for role, actor in cast.at_south.items()}
    for relation in ("none", "granted", "expired", "revoked"):
        found[f"east {relation}"] = people.staff(Role.CASE_MANAGER, Role.SUPERVISOR, at=east(relation))
    found["north two roles"] = people.staff(Role.HOUSE_MANAGER, Role.INTAKE, at=cast.north)
    return found


EAST: dict[str, Any] = {}


def east(relation: str) -> Any:
    """Return the organization of that relation to the client."""
    if relation not in EAST:
        EAST[relation] = people.organization(f"East {relation}")
    return EAST[relation]


def relate(world: World) -> None:
    """Give East's organizations what they have, or had."""
    now = clock.now()
    common = {"client_id": world.ids["clients"], "reason": Reason.EXPLICIT}
    ends = {"granted": {}, "expired": {"expires_at": now - timedelta(hours=1)}, "revoked": {"revoked_at": now}}
    for relation, fields in ends.items():
        Grant.objects.create(organization_id=east(relation).id, **common, **fields)


def locked_out(cast: Cast) -> dict[str, Web]:
    """Return the screens of those who may not come in at all: each had a token when it was still right."""
    anonymous = Web(None)
    disabled, former = (people.staff(Role.SUPERVISOR, at=cast.north) for _ in range(2))
    screens = {"disabled": Web(disabled), "former": Web(former)}
    User.objects.filter(pk=disabled.id).update(is_active=False)
    Membership.objects.filter(user_id=former.id).update(ended_at=clock.now())
    return {"anonymous": anonymous, **screens}
