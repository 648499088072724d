"""Counseling notes: professionals write them, their author reads them, and nobody else without leaving a trace."""

from __future__ import annotations

import ast
import json

import pytest
from django.db import connection, transaction

from casemgmt.access.models import Grant, Reason, RestrictedBecause
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.care_team.services import NewMember, add_member
from casemgmt.care_team.words import TeamRole
from casemgmt.clients.restricting import restrict_client
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.sessions.models import CounselingNote, CounselingReading
from tests.factories import notes, people
from tests.house.source import product

WHY = {"purpose": "oversight", "reason": "Yearly look at how notes are kept."}
SECRET = "Guarded when asked about his father."


@pytest.fixture
def client(cast):
    """Return a client of North who was given the notice."""
    return notes.client(cast.north)


@pytest.fixture
def session(cast, client):
    """Return the therapist's session with the client."""
    return notes.held(cast.therapist, client)


@pytest.fixture
def note(cast, api, session, client):
    """Return the therapist's signed counseling note as the API showed it."""
    return notes.signed(api(cast.therapist), "counseling", session, client, SECRET)


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.CASE_MANAGER, Role.HOUSE_MANAGER])
def test_who_is_no_professional_writes_none(cast, api, client, role) -> None:
    """P2-70."""
    staff = cast.at_north[role]

    refused = notes.draft(api(staff), "counseling", notes.held(staff, client), client)

    assert (refused.status_code, refused.json()["code"]) == (422, "not_a_professional")
    assert not CounselingNote.objects.exists()


def test_it_stands_beside_the_clinical_note_and_apart_from_it(cast, api, session, client, note) -> None:
    """P2-70: a table of its own."""
    clinical = notes.signed(api(cast.therapist), "clinical", session, client, "Attended.")

    assert note["analysis"] == SECRET
    assert "summary" not in note
    assert SECRET not in json.dumps(api(cast.therapist).get("notes/clinical/").json())
    assert clinical["id"] != note["id"]


def test_a_group_has_no_counseling_note_in_common(cast, api, client) -> None:
    group = notes.held(cast.therapist, client, notes.client(cast.north))

    assert notes.draft(api(cast.therapist), "counseling", group, None).status_code == 400


def test_nobody_but_the_author_reads_it(cast, api, client, note) -> None:
    """P2-71: default reader, the author only."""
    others = [staff for role, staff in cast.at_north.items() if role is not Role.THERAPIST]
    others += [people.staff(Role.THERAPIST, at=cast.north), cast.outsider]
    path = f"notes/counseling/{note['id']}/"

    for staff in others:
        web = api(staff)
        assert web.get("notes/counseling/").json()["results"] == []
        for address in (path, f"{path}readings/"):
            assert web.get(address).status_code == 404
        assert web.post(f"{path}amendments/", {"analysis": "x", "reason": "y"}).status_code == 404
    assert api(cast.therapist).get(path).json()["analysis"] == SECRET


def test_postgresql_shows_it_to_its_author_only(cast, note) -> None:
    """P2-71, S6: whatever a query forgets."""

    def seen(actor: Actor) -> int:
        with acting_as(actor), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sessions_counselingnote")
            return int(cursor.fetchone()[0])

    assert seen(cast.therapist) == 1
    assert [seen(staff) for role, staff in cast.at_north.items() if role is not Role.THERAPIST] == [0] * 7


def test_broken_glass_shows_none_not_even_ones_own(cast, api, client, note) -> None:
    """HIP-10: never opens counseling notes."""
    somebody = NewMember(cast.case_manager.id, TeamRole.CASE_MANAGER)
    add_member(client_id=client.id, new=somebody, actor=cast.case_manager)
    restrict_client(client_id=client.id, reason=RestrictedBecause.SAFETY, actor=cast.supervisor)
    web, path = api(cast.therapist), f"notes/counseling/{note['id']}/"
    assert web.get(path).status_code == 404
    why = {"client": str(client.id), "reason": "medical", "explanation": "Fell in the waiting room."}
    assert web.post("break-glass/", why).status_code == 201
    assert web.get(f"clients/{client.id}/").status_code == 200

    assert web.get(path).status_code == 404
    assert web.get("notes/counseling/").json()["results"] == []
    with acting_as(cast.therapist), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sessions_counselingnote")
        assert cursor.fetchone() == (0,)


def test_a_supervisors_look_is_for_a_purpose_and_told_to_the_author(cast, api, session, client, note) -> None:
    """P2-71, table 1.9: oversight, logged."""
    asked = {"session": str(session.id), "client": str(client.id), **WHY}

    read = api(cast.supervisor).post("notes/counseling/readings/", asked)

    assert (read.status_code, read.json()["results"][0]["analysis"]) == (201, SECRET)
    (told,) = api(cast.therapist).get(f"notes/counseling/{note['id']}/readings/").json()["results"]
    assert (told["reader_id"], told["purpose"], told["reason"]) == (str(cast.supervisor.id), *WHY.values())
    assert AuditEvent.objects.get(action="counseling_note.overseen").client_ids == [client.id]
    for statement in ("UPDATE sessions_counselingreading SET reason = 'x'", "DELETE FROM sessions_counselingreading"):
        with (
            pytest.raises(Exception, match="append-only|permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_look_without_a_purpose_or_a_right_to_it_shows_nothing(cast, api, session, client, note) -> None:
    """P2-71: refused and nothing is read."""
    asked = {"session": str(session.id), "client": str(client.id), **WHY}

    def code(staff: Actor, **change: str) -> tuple[int, str]:
        answer = api(staff).post("notes/counseling/readings/", asked | change)
        assert SECRET not in answer.content.decode()
        return answer.status_code, answer.json()["code"]

    assert code(cast.supervisor, reason="Because.") == (400, "invalid")
    assert code(cast.supervisor, purpose="curiosity") == (400, "invalid")
    assert code(cast.peer) == (422, "not_a_professional")
    assert code(cast.therapist) == (403, "not_permitted")
    assert code(cast.at_north[Role.PRIVACY_OFFICER]) == (403, "not_permitted")
    assert code(cast.at_south[Role.SUPERVISOR]) == (404, "not_found")
    assert code(cast.supervisor, session=str(client.id)) == (404, "not_found")
    Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=Reason.REFERRAL)
    assert code(cast.at_south[Role.SUPERVISOR]) == (404, "not_found")  # another organization's author
    assert not CounselingReading.objects.exists()


def test_a_draft_is_seen_by_nobody_else(cast, api, session, client) -> None:
    notes.draft(api(cast.therapist), "counseling", session, client, SECRET)

    asked = {"session": str(session.id), "client": str(client.id), **WHY}
    assert api(cast.supervisor).post("notes/counseling/readings/", asked).status_code == 404


def test_a_supervisor_amends_none_and_nobody_co_signs(cast, api, client, note) -> None:
    """P2-71: somebody else's signature would be somebody else's reading."""
    notes.credential(cast.therapist, cast.supervisor, kind="clinical_trainee", supervisor_id=cast.supervisor.id,
                     needs_cosign=True)  # fmt: skip
    later = notes.signed(api(cast.therapist), "counseling", notes.held(cast.therapist, client, ago=9), client)

    assert later["cosign_needed"] is False
    assert api(cast.supervisor).post(f"notes/counseling/{note['id']}/co-signatures/").status_code == 404


def test_no_other_room_knows_the_table() -> None:
    """P2-71: in no search, export, packet or suggestion, because nothing outside the room imports it."""
    knowing = {
        module.path
        for module in product()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and any(each.name.startswith("Counseling") for each in node.names)
    }

    assert knowing
    assert all(path.startswith("casemgmt/sessions/") for path in knowing)
    naming = {module.path for module in product() if "sessions_counselingnote" in module.text}
    assert naming == {"casemgmt/walls.py"}


def test_what_leaves_the_house_holds_nothing_of_it(cast, api, client, note) -> None:
    """P2-71: events, audit rows and work hold no word of it."""
    rows = list(AuditEvent.objects.values())
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(json_agg(o)::text, '') || coalesce((SELECT json_agg(w)::text FROM "
                       "worklist_workitem w), '') FROM outbox_outboxevent o")  # fmt: skip
        (told,) = cursor.fetchone()

    assert SECRET not in str(rows) + told
