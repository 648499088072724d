"""Credentials: what lapsed refuses sessions, supervisors override, endings become work, trainees are co-signed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.policies.services import set_number
from casemgmt.sessions.models import CredentialOverride, PeerNote, Session
from casemgmt.sessions.services.reminding import pass_time
from casemgmt.worklist.models import WorkItem
from tests.factories import notes, people


@pytest.fixture
def client(cast):
    """Return a client of North who was given the notice."""
    return notes.client(cast.north)


def logged(web, client, **more):
    """Return the answer to a quick log."""
    return web.post("session-log/", {"client": str(client.id), "minutes": 20, "summary": "Talked.", **more})


def test_a_lapsed_credential_refuses_new_sessions(cast, api, client) -> None:
    """PEER-04: and what was held while it was good may still be told."""
    notes.credential(cast.peer, cast.supervisor, days=-3)
    before = (clock.now() - timedelta(days=8)).isoformat()

    refused = logged(api(cast.peer), client)

    assert (refused.status_code, refused.json()["code"]) == (422, "credential_expired")
    assert not Session.objects.exists()
    assert not PeerNote.objects.exists()
    assert logged(api(cast.peer), client, started_at=before, late_reason="Was ill.").status_code == 201
    assert logged(api(cast.therapist), client).status_code == 201  # it is about peers


def test_nothing_is_planned_or_held_on_a_lapsed_credential_either(cast, api, client) -> None:
    """PEER-04: neither a session nor a series; what was planned while it was good is not held once it lapsed."""
    web, now = api(cast.peer), clock.now()
    planned = {"clients": [str(client.id)], "minutes": 30, "mode": "phone"}
    soon = {**planned, "starts_at": (now - timedelta(hours=1)).isoformat()}
    made = web.post("sessions/", soon)
    assert made.status_code == 201, made.json()
    notes.credential(cast.peer, cast.supervisor, days=-3)
    every_day = {"clients": [str(client.id)], "minutes": 30, "mode": "phone", "rrule": "FREQ=DAILY"}
    every_day |= {"starts_on": f"{people.today() + timedelta(days=1)}", "local_time": "09:00"}

    answers = [
        web.post("sessions/", {**planned, "starts_at": (now + timedelta(days=1)).isoformat()}),
        web.post("series/", every_day),
        web.post(f"sessions/{made.json()['id']}/transitions/", {"verb": "hold", "data": {"rest": "attended"}}),
    ]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(422, "credential_expired")] * 3
    assert [session.stage for session in Session.objects.all()] == ["scheduled"]


def test_a_supervisor_lets_a_peer_go_on_for_a_while(cast, api, client) -> None:
    """PEER-04: overridable by supervisor; why, until when and by whom stand in a row."""
    notes.credential(cast.peer, cast.supervisor, days=-3)
    until = f"{people.today() + timedelta(days=10)}"
    allowed = {"user": str(cast.peer.id), "until_date": until, "reason": "The board is late."}

    for staff in (cast.peer, cast.therapist, cast.at_north[Role.ADMIN], cast.at_south[Role.SUPERVISOR]):
        assert api(staff).post("credential-overrides/", allowed).status_code in (400, 403)
    assert logged(api(cast.peer), client).status_code == 422
    given = api(cast.supervisor).post("credential-overrides/", allowed)

    assert (given.status_code, given.json()["given_by_id"]) == (201, str(cast.supervisor.id))
    made = logged(api(cast.peer), client)
    assert (made.status_code, made.json()["credential"]) == (201, "overridden")
    assert [row["reason"] for row in api(cast.peer).get("credential-overrides/").json()["results"]] == [
        "The board is late."
    ]
    with pytest.raises(Exception, match="append-only|permission denied"), transaction.atomic():
        CredentialOverride.objects.update(reason="x")


@pytest.mark.parametrize("change", [{"days": 91}, {"days": -1}, {"reason": " "}, {"back": 31}])
def test_an_override_is_bounded(cast, api, change) -> None:
    """PEER-04."""
    begins = people.today() - timedelta(days=change.get("back", 0))
    body = {
        "user": str(cast.peer.id),
        "until_date": f"{begins + timedelta(days=change.get('days', 5))}",
        "from_date": f"{begins}",
        "reason": change.get("reason", "Late."),
    }

    assert api(cast.supervisor).post("credential-overrides/", body).status_code == 400
    assert not CredentialOverride.objects.exists()


def test_nobody_overrides_for_themselves(cast, api) -> None:
    both = people.staff(Role.PEER_SPECIALIST, Role.SUPERVISOR, at=cast.north)
    body = {"user": str(both.id), "until_date": f"{people.today()}", "reason": "Late."}

    assert api(both).post("credential-overrides/", body).status_code == 403
    with pytest.raises(IntegrityError, match="credential_override_bounded"), transaction.atomic():
        CredentialOverride.objects.create(
            organization=cast.north, user_id=both.id, given_by_id=both.id, reason="Late.",
            from_date=people.today(), until_date=people.today(),
        )  # fmt: skip


def test_without_a_record_the_policy_says(cast, api, client) -> None:
    """PEER-04: by default a peer goes on and the answer shows that nothing is on record."""
    made = logged(api(cast.peer), client)
    assert (made.status_code, made.json()["credential"]) == (201, "missing")

    set_number(name="peer_credentials_needed_count", value=1, reason="State rule.", actor=cast.supervisor)
    refused = logged(api(cast.peer), client, started_at=(clock.now() - timedelta(hours=3)).isoformat())

    assert (refused.status_code, refused.json()["code"]) == (422, "credential_missing")
    assert Session.objects.count() == 1


def test_the_last_recorded_holds_and_is_never_changed(cast, api, client) -> None:
    """PEER-04: supervisors and admins record it."""
    notes.credential(cast.peer, cast.supervisor, days=-3)
    renewed = {"user": str(cast.peer.id), "kind": "peer_certified", "expires_on": f"{people.today() + timedelta(700)}"}

    assert api(cast.peer).post("credentials/", renewed).status_code == 403
    made = api(cast.at_north[Role.ADMIN]).post("credentials/", renewed)

    assert made.status_code == 201
    assert logged(api(cast.peer), client).json()["credential"] == "valid"
    mine = api(cast.peer).get("credentials/").json()["results"]
    assert [row["id"] for row in mine] == [made.json()["id"]]
    assert len(api(cast.supervisor).get("credentials/?earlier=true").json()["results"]) == 2
    assert api(cast.therapist).get("credentials/").json()["results"] == []
    with (
        pytest.raises(Exception, match="append-only|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE sessions_credential SET expires_on = expires_on + 9")


@pytest.mark.parametrize(
    "change",
    [{"user": "outsider"}, {"supervisor": "outsider"}, {"supervisor": "peer"}, {"needs_cosign": True},
     {"issued_on": "2090-01-01"}],
)  # fmt: skip
def test_a_credential_that_cannot_be_is_refused(cast, api, change) -> None:
    known = {"outsider": str(cast.outsider.id), "peer": str(cast.peer.id)}
    body = {"user": str(cast.peer.id), "kind": "peer_certified", "expires_on": "2080-01-01"}
    body |= {name: known.get(value, value) for name, value in change.items()}

    assert api(cast.supervisor).post("credentials/", body).status_code == 400


def test_what_ends_soon_becomes_work_once(cast, api) -> None:
    """PEER-04: thirty days before."""
    far = people.staff(Role.PEER_SPECIALIST, at=cast.north)
    ending = notes.credential(cast.peer, cast.supervisor, days=20)
    notes.credential(far, cast.supervisor, days=60)
    gone = notes.credential(people.staff(at=cast.north), cast.supervisor, days=5)

    assert (pass_time(), pass_time()) == (1, 0)

    item = WorkItem.objects.get()
    assert (item.kind, item.source_id, item.role, item.client_id) == (
        "credential_expiring", ending.id, "supervisor", None,
    )  # fmt: skip
    assert gone.id != item.source_id
    renewed = {"user": str(cast.peer.id), "kind": "peer_certified", "expires_on": f"{people.today() + timedelta(700)}"}
    api(cast.supervisor).post("credentials/", renewed)
    assert WorkItem.objects.get().outcome == "recorded"


def in_training(cast, supervisor):
    """Let North's peer be a trainee whom `supervisor` co-signs."""
    return notes.credential(
        cast.peer, cast.supervisor, kind="peer_in_training", supervisor_id=supervisor.id, needs_cosign=True
    )


def test_a_trainees_note_is_co_signed_by_somebody_else(cast, api, client) -> None:
    """F9, PEER-04: work for the supervisor, who is not the author."""
    in_training(cast, cast.supervisor)
    made = logged(api(cast.peer), client).json()
    path = f"notes/peer/{made['note_id']}/co-signatures/"
    item = WorkItem.objects.get(kind="note_to_cosign")

    assert made["cosign_needed"] is True
    assert (item.assignee_id, item.client_id) == (cast.supervisor.id, client.id)
    assert [api(each).post(path).status_code for each in (cast.peer, cast.case_manager)] == [403, 403]
    assert PeerNote.objects.get().cosigned_at is None
    done = api(cast.supervisor).post(path)
    assert (done.status_code, done.json()["status"]) == (201, "signed")
    assert (done.json()["cosigned_by_id"], api(cast.supervisor).post(path).json()["code"]) == (
        str(cast.supervisor.id), "already_cosigned",
    )  # fmt: skip
    item.refresh_from_db()
    assert item.outcome == "cosigned"


def test_an_experienced_peer_may_supervise(cast, api, client) -> None:
    """PEER-04: the supervisor may be a peer too; whoever the credential names co-signs."""
    elder, other = (people.staff(Role.PEER_SPECIALIST, at=cast.north) for _ in range(2))
    in_training(cast, elder)
    made = logged(api(cast.peer), client).json()
    path = f"notes/peer/{made['note_id']}/co-signatures/"

    assert api(other).post(path).status_code == 403
    assert api(elder).post(path).status_code == 201


def test_an_amended_note_is_co_signed_anew(cast, api, client) -> None:
    in_training(cast, cast.supervisor)
    made = logged(api(cast.peer), client).json()
    path = f"notes/peer/{made['note_id']}/"
    later = api(cast.peer).post(f"{path}amendments/", {"summary": "More.", "reason": "Left out."}).json()

    refused = api(cast.supervisor).post(f"{path}co-signatures/")

    assert (refused.status_code, refused.json()["code"]) == (409, "already_amended")
    assert later["status"] == "cosign_needed"
    assert set(WorkItem.objects.values_list("source_id", "outcome")) == {
        (PeerNote.objects.get(amends=None).id, "amended"), (PeerNote.objects.exclude(amends=None).get().id, ""),
    }  # fmt: skip
    assert api(cast.supervisor).post(f"notes/peer/{later['id']}/co-signatures/").status_code == 201


def test_the_table_knows_who_co_signs(cast, api, client) -> None:
    in_training(cast, cast.supervisor)
    logged(api(cast.peer), client)

    with pytest.raises(IntegrityError, match="peernote_cosigned_by_another"), transaction.atomic():
        PeerNote.objects.update(cosigned_at=clock.now(), cosigned_by_id=cast.peer.id)


def test_an_author_is_asked_once_to_sign_a_draft(cast, api, client, travel) -> None:
    """F9: after the hours of the organization; signing settles it."""
    session = notes.held(cast.peer, client)
    begun = notes.draft(api(cast.peer), "peer", session, client).json()
    notes.draft(api(cast.therapist), "counseling", notes.held(cast.therapist, client), client)
    assert pass_time() == 0
    travel(clock.now() + timedelta(hours=25))

    assert (pass_time(), pass_time()) == (2, 0)

    item = WorkItem.objects.get(source_id=begun["id"])
    assert (item.kind, item.assignee_id, item.role) == ("note_unsigned", cast.peer.id, "peer_specialist")
    api(cast.peer).post(f"notes/peer/{begun['id']}/signatures/")
    item.refresh_from_db()
    assert item.outcome == "signed"
