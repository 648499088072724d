"""Notes from draft to amendment: who writes, who reads, and that nothing signed is ever changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from casemgmt.safety.models import RiskAlert
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import ClinicalNote, ContactNote, PeerNote
from tests.factories import notes, people, sessions


@pytest.fixture
def client(cast):
    """Return a client of North who was given the notice."""
    return notes.client(cast.north)


def test_a_peers_note_from_draft_to_signature(cast, api, client) -> None:
    """PEER-01, PEER-05: everything a peer's note may say; when it happened and when it was told."""
    web, session = api(cast.peer), notes.held(cast.peer, client, ago=30)
    said = {
        "competencies": ["engage", "advocacy"],
        "goals": ["A job I keep."],
        "next_step": "Friday.",
        "transport": True,
    }

    begun = notes.draft(web, "peer", session, client, "Wants to work.", **said).json()
    path = f"notes/peer/{begun['id']}/"
    changed = web.patch(path, {"summary": "Wants to work again."}, If_Match='"1"')
    done = web.post(f"{path}signatures/", If_Match='"2"')

    assert (begun["status"], changed.json()["status"], done.json()["status"]) == ("draft", "draft", "signed")
    told = web.get(path).json()
    assert told["summary"] == "Wants to work again."
    assert {name: told[name] for name in said} == said
    assert told["happened_at"] < told["recorded_at"] <= told["signed_at"]
    assert (told["units"], told["late_reason"], told["cosign_needed"]) == (4, "", False)
    assert set(AuditEvent.objects.filter(action__startswith="note.").values_list("action", flat=True)) == {
        "note.drafted", "note.changed", "note.signed",
    }  # fmt: skip


def test_a_draft_is_its_authors_alone(cast, api, client) -> None:
    session = notes.held(cast.peer, client)
    begun = notes.draft(api(cast.peer), "peer", session, client).json()
    path = f"notes/peer/{begun['id']}/"

    for role in (Role.SUPERVISOR, Role.CASE_MANAGER, Role.PRIVACY_OFFICER):
        assert api(cast.at_north[role]).get(path).status_code == 404
        assert api(cast.at_north[role]).get("notes/peer/").json()["results"] == []
    assert api(cast.supervisor).patch(path, {"summary": "x"}, If_Match='"1"').status_code == 404
    assert PeerNote.objects.get().summary == "Talked."


def test_a_stale_screen_is_told(cast, api, client) -> None:
    begun = notes.draft(api(cast.peer), "peer", notes.held(cast.peer, client), client).json()
    web, path = api(cast.peer), f"notes/peer/{begun['id']}/"
    web.patch(path, {"summary": "One."}, If_Match='"1"')

    late = web.patch(path, {"summary": "Two."}, If_Match='"1"')

    assert (late.status_code, late.json()["code"]) == (412, "stale_version")
    assert web.patch(path, {"summary": "Two."}).status_code == 428
    assert PeerNote.objects.get().summary == "One."


def test_a_signed_note_is_amended_and_never_changed(cast, api, client) -> None:
    """PEER-05: amendments with a reason; both rows stay readable and the newest holds."""
    web = api(cast.peer)
    first = notes.signed(web, "peer", notes.held(cast.peer, client), client, "Talked.", next_step="Friday.")
    path = f"notes/peer/{first['id']}/"

    late_edit = web.patch(path, {"summary": "x"}, If_Match='"2"')
    unsaid = web.post(f"{path}amendments/", {"summary": "More.", "reason": " "})
    second = web.post(f"{path}amendments/", {"summary": "Talked of work.", "reason": "Left out the work."})
    again = web.post(f"{path}amendments/", {"summary": "x", "reason": "y"})

    assert (late_edit.status_code, late_edit.json()["code"]) == (409, "note_signed")
    assert unsaid.status_code == 400
    assert (again.status_code, again.json()["code"]) == (409, "already_amended")
    made = second.json()
    assert (made["amends_id"], made["line_id"], made["next_step"]) == (first["id"], first["id"], "Friday.")
    assert [row["id"] for row in web.get(f"notes/peer/?client={client.id}").json()["results"]] == [made["id"]]
    chain = web.get(f"notes/peer/?line={first['id']}&amended=true").json()["results"]
    assert [(row["summary"], row["status"]) for row in chain] == [("Talked of work.", "signed"), ("Talked.", "amended")]
    assert PeerNote.objects.count() == 2


@pytest.mark.parametrize("kind", ["peer", "clinical", "contact", "counseling"])
def test_the_table_refuses_to_change_or_remove_what_is_signed(cast, api, client, kind) -> None:
    """PEER-05: whoever writes."""
    writer = cast.at_north[notes.WRITERS[kind]]
    made = notes.signed(api(writer), kind, notes.held(writer, client), client)
    table = f"sessions_{kind}note"
    other = people.client(cast.north)

    for statement in (
        f"UPDATE {table} SET {notes.WORDS[kind]} = 'x'",
        f"UPDATE {table} SET signed_at = NULL",
        f"UPDATE {table} SET client_id = '{other.id}'",
        f"DELETE FROM {table}",
    ):
        with (
            pytest.raises(Exception, match="append-only|permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert api(writer).get(f"notes/{kind}/{made['id']}/").json()[notes.WORDS[kind]] == "Talked."


def test_who_held_the_session_writes_of_it(cast, api, client) -> None:
    colleague = people.staff(Role.PEER_SPECIALIST, at=cast.north)
    session = notes.held(cast.peer, client)

    refused = notes.draft(api(colleague), "peer", session, client)

    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_session")
    assert notes.draft(api(cast.outsider), "clinical", session, client).status_code == 404
    assert not PeerNote.objects.exists()


@pytest.mark.parametrize("kind", ["clinical", "contact"])
def test_a_peer_stays_in_the_scope_of_peers(cast, api, client, kind) -> None:
    """PEER-02."""
    session = notes.held(cast.peer, client)

    refused = notes.draft(api(cast.peer), kind, session, client)

    assert (refused.status_code, refused.json()["code"]) == (422, "outside_peer_scope")
    assert not ClinicalNote.objects.exists()
    assert not ContactNote.objects.exists()


def test_a_peers_note_has_no_clinical_fields(cast, api, client) -> None:
    """PEER-02: no therapy modality, no plan of treatment."""
    session = notes.held(cast.peer, client)

    for field, value in (("modalities", ["cbt"]), ("plan", "x"), ("intervention", "x"), ("diagnosis", "F10.20")):
        refused = notes.draft(api(cast.peer), "peer", session, client, **{field: value})
        assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert notes.draft(api(cast.peer), "peer", session, client, competencies=["therapy"]).status_code == 400
    assert not PeerNote.objects.exists()


def test_a_kind_belongs_to_its_sessions(cast, api, client) -> None:
    both = people.staff(Role.PEER_SPECIALIST, Role.CASE_MANAGER, at=cast.north)
    contact = notes.held(both, client)

    assert contact.discipline == "contact"
    assert notes.draft(api(both), "peer", contact, client).status_code == 400
    assert notes.draft(api(both), "contact", contact, client).status_code == 201


def test_there_is_one_line_for_each_client(cast, api, client) -> None:
    session, web = notes.held(cast.peer, client), api(cast.peer)
    notes.draft(web, "peer", session, client)

    again = notes.draft(web, "peer", session, client)

    assert (again.status_code, again.json()["code"]) == (409, "note_exists")
    assert PeerNote.objects.count() == 1


def test_a_session_that_did_not_take_place_has_no_note(cast, api, client) -> None:
    web = api(cast.peer)
    ahead = sessions.session(cast.peer, client, ahead=3)
    off = sessions.session(cast.peer, client, ahead=-30, stage=SessionStage.CANCELLED)
    begun = sessions.session(cast.peer, client, ahead=-2)

    assert notes.draft(web, "peer", ahead, client).json()["code"] == "session_in_future"
    assert notes.draft(web, "peer", off, client).json()["code"] == "session_not_held"
    early = notes.draft(web, "peer", begun, client).json()
    signed = web.post(f"notes/peer/{early['id']}/signatures/")
    assert (signed.status_code, signed.json()["code"]) == (422, "session_not_held")


def test_late_says_why_and_empty_is_not_signed(cast, api, client) -> None:
    """PEER-05: more than 72 hours later."""
    web = api(cast.peer)
    begun = notes.draft(web, "peer", notes.held(cast.peer, client, ago=100), client, "").json()
    path = f"notes/peer/{begun['id']}/"

    empty = web.post(f"{path}signatures/", {"late_reason": "Was ill."})
    web.patch(path, {"summary": "Talked."}, If_Match='"1"')
    silent = web.post(f"{path}signatures/")
    done = web.post(f"{path}signatures/", {"late_reason": "Was ill."})

    assert empty.status_code == 400
    assert (silent.status_code, silent.json()["code"]) == (422, "late_entry_needs_reason")
    assert (done.status_code, done.json()["late_reason"]) == (201, "Was ill.")


def test_distress_in_a_peers_note_is_handed_over_before_it_is_kept(cast, api, client) -> None:
    """PEER-03: not even a draft is kept without."""
    web, session = api(cast.peer), notes.held(cast.peer, client)
    at = (clock.now() - timedelta(minutes=5)).isoformat()
    handoff = {"to_staff": str(cast.therapist.id), "method": "phone", "at": at}

    refused = notes.draft(web, "peer", session, client, distress=True)
    by_words = notes.draft(web, "peer", session, client, "Fine.", goals=["I want to die."])
    assert [each.json()["code"] for each in (refused, by_words)] == ["handoff_required"] * 2
    assert not PeerNote.objects.exists()
    assert not RiskAlert.objects.exists()

    kept = notes.draft(web, "peer", session, client, distress=True, handoff=handoff).json()
    web.patch(f"notes/peer/{kept['id']}/", {"summary": "Talked long."}, If_Match='"1"')
    web.post(f"notes/peer/{kept['id']}/signatures/")

    alert = RiskAlert.objects.get()  # once, however often the draft was saved
    assert (alert.severity, str(alert.source_id), alert.named_id) == ("high", kept["id"], cast.therapist.id)
    assert PeerNote.objects.get().signed_at is not None


def written(cast, api, client) -> dict[str, str]:
    """Return the ids of one signed note of every kind, house logs beside contacts."""
    found = {}
    for kind, role in (
        ("peer", Role.PEER_SPECIALIST),
        ("clinical", Role.THERAPIST),
        ("contact", Role.CASE_MANAGER),
        ("house", Role.HOUSE_MANAGER),
        ("counseling", Role.THERAPIST),
    ):
        word, staff = kind.replace("house", "contact"), cast.at_north[role]
        ago = 5 if kind == "counseling" else 2
        found[kind] = notes.signed(api(staff), word, notes.held(staff, client, ago=ago), client)["id"]
    return found


@pytest.mark.parametrize(
    ("role", "read"),
    [
        (Role.PEER_SPECIALIST, {"peer"}),
        (Role.HOUSE_MANAGER, {"house"}),
        (Role.CASE_MANAGER, {"peer", "clinical", "contact", "house"}),
        (Role.THERAPIST, {"peer", "clinical", "contact", "house", "counseling"}),  # the author
        (Role.SUPERVISOR, {"peer", "clinical", "contact", "house"}),
        (Role.PRIVACY_OFFICER, {"peer", "clinical", "contact", "house"}),
        (Role.INTAKE, set()),
        (Role.ADMIN, set()),
    ],
)
def test_everybody_reads_what_table_19_says(cast, api, client, role, read) -> None:
    """P2-71: of counseling notes nobody but the author learns."""
    ids = written(cast, api, client)
    web, seen = api(cast.at_north[role]), set()

    for word in notes.WORDS:
        seen |= {row["id"] for row in web.get(f"notes/{word}/?client={client.id}").json()["results"]}
    for kind, pk in ids.items():
        word = kind.replace("house", "contact")
        assert web.get(f"notes/{word}/{pk}/").status_code == (200 if kind in read else 404)

    assert seen == {ids[kind] for kind in read}
    assert api(cast.at_south[role]).get(f"notes/peer/{ids['peer']}/").status_code == 404


def test_a_list_takes_the_same_number_of_queries(cast, api, client) -> None:
    web, counts = api(cast.supervisor), []
    for amount in (1, 4, 9):
        for number in range(PeerNote.objects.count(), amount):
            notes.signed(api(cast.peer), "peer", notes.held(cast.peer, client, ago=number * 2 + 2), client)
        with CaptureQueriesContext(connection) as queries:
            rows = web.get(f"notes/peer/?client={client.id}").json()["results"]
        assert len(rows) == amount
        counts.append(len(queries))

    happened = [row["happened_at"] for row in rows]
    assert happened == sorted(happened, reverse=True)
    assert len(set(counts)) == 1
    page = web.get(f"notes/peer/?client={client.id}&limit=4").json()
    rest = web.get(f"notes/peer/?client={client.id}&limit=100&cursor={page['next']}").json()
    assert [row["id"] for row in page["results"] + rest["results"]] == [row["id"] for row in rows]
