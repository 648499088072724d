"""The quick log over HTTP: a session, who came and a signed note in one call, and everything that is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.models import Part2Status
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.measures.services import NewResponse, record_response
from casemgmt.policies.services import set_number
from casemgmt.safety.models import RiskAlert
from casemgmt.safety.services.paging import escalate
from casemgmt.sessions.models import Attendance, PeerNote, Session
from casemgmt.worklist.models import ItemKind, WorkItem
from programs.lifecycle import EnrollmentStage
from programs.rules.kinds import Kind
from tests.factories import alerts, episodes, people, programs, sessions


@pytest.fixture
def client(cast) -> Client:
    """Return a client of North who was given the notice."""
    made = people.client(cast.north)
    programs.notice(made, cast.north)
    return made


def quick(client: Client, **more: object) -> dict[str, Any]:
    """Return a peer's quick log."""
    return {"client": str(client.id), "minutes": 45, "mode": "phone", "summary": "Talked about work.", **more}


def ago(**span: float) -> str:
    """Return a moment that long ago."""
    return (clock.now() - timedelta(**span)).isoformat()


def test_a_quick_log_has_four_fields_and_ended_just_now(cast, api, client) -> None:
    episode = episodes.episode(client, stage=Stage.PEER_SUPPORT)
    body = quick(client)

    made = api(cast.peer).post("session-log/", body)

    assert len(body) <= 5
    assert made.status_code == 201
    told = made.json()
    assert (told["kind"], told["minutes"], told["episode_id"]) == ("peer", 45, str(episode.id))
    session, part, note = Session.objects.get(), Attendance.objects.get(), PeerNote.objects.get()
    assert (session.stage, session.ends_at - session.starts_at) == ("held", timedelta(minutes=45))
    assert (part.state, part.minutes, part.client_id) == ("attended", 45, client.id)
    assert session.ends_at == note.signed_at == note.created_at
    assert list(session.moves.order_by("seq").values_list("to_stage", flat=True)) == ["scheduled", "held"]
    assert AuditEvent.objects.get(action="attendance.told").client_ids == [client.id]
    assert AuditEvent.objects.get(action="session.held").client_ids == []


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        (Role.PEER_SPECIALIST, "peer"),
        (Role.THERAPIST, "clinical"),
        (Role.SUPERVISOR, "clinical"),
        (Role.CASE_MANAGER, "contact"),
        (Role.HOUSE_MANAGER, "house"),
    ],
)
def test_the_kind_follows_from_the_role(cast, api, client, role: Role, kind: str) -> None:
    assert api(cast.at_north[role]).post("session-log/", quick(client)).json()["kind"] == kind


def test_a_privacy_officer_logs_none(cast, api, client) -> None:
    refused = api(cast.at_north[Role.PRIVACY_OFFICER]).post("session-log/", quick(client))

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


def test_a_peer_stays_in_the_scope_of_peers(cast, api, client) -> None:
    refused = api(cast.peer).post("session-log/", quick(client, kind="clinical"))

    assert (refused.status_code, refused.json()["code"]) == (422, "outside_peer_scope")
    assert not Session.objects.exists()


def test_somebody_with_two_trades_says_which(cast, api, client) -> None:
    both = people.staff(Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, at=cast.north)
    web = api(both)

    refused = web.post("session-log/", quick(client))

    assert (refused.status_code, refused.json()["code"]) == (400, "kind_needed")
    assert refused.json()["kinds"] == ["peer", "house"]
    assert web.post("session-log/", quick(client, kind="house")).json()["kind"] == "house"


def test_a_client_one_cannot_see_does_not_exist(cast, api, client) -> None:
    web = api(cast.outsider)

    refused = web.post("session-log/", quick(client))

    assert refused.status_code == 404
    assert web.post("session-log/", quick(client) | {"client": str(cast.north.id)}).content == refused.content


@pytest.mark.parametrize(
    ("span", "minutes", "code"),
    [
        ({"minutes": 10}, 45, "session_in_future"),
        ({"hours": -1}, 45, "session_in_future"),
        ({"hours": 73}, 30, "late_entry_needs_reason"),
    ],
)
def test_the_time_must_be_right(cast, api, client, span: dict[str, float], minutes: int, code: str) -> None:
    refused = api(cast.peer).post("session-log/", quick(client, started_at=ago(**span), minutes=minutes))

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert not Session.objects.exists()


def test_a_late_entry_with_a_reason_shows_both_times(cast, api, client) -> None:
    made = api(cast.peer).post("session-log/", quick(client, started_at=ago(days=5), late_reason="was ill")).json()

    assert made["late_reason"] == "was ill"
    assert made["ended_at"] < made["recorded_at"]


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-13-01T00:00:00Z", 5])
def test_a_moment_that_cannot_be_is_refused(cast, api, client, moment: object) -> None:
    assert api(cast.peer).post("session-log/", quick(client, started_at=moment)).status_code in (400, 422)


@pytest.mark.parametrize("minutes", [0, 481, -5, 10**20, "long"])
def test_a_length_that_cannot_be_is_refused(cast, api, client, minutes: object) -> None:
    assert api(cast.peer).post("session-log/", quick(client, minutes=minutes)).status_code == 400


def test_two_sessions_of_one_person_do_not_overlap(cast, api, client) -> None:
    web = api(cast.peer)
    web.post("session-log/", quick(client, started_at=ago(hours=3), minutes=60))

    refused = web.post("session-log/", quick(people_like(client), started_at=ago(hours=2, minutes=30), minutes=60))
    after = web.post("session-log/", quick(client, started_at=ago(hours=1), minutes=30))
    group = web.post("session-log/", quick(client, started_at=ago(hours=3), minutes=60, mode="group"))
    colleague = api(cast.therapist).post("session-log/", quick(client, started_at=ago(hours=3), minutes=60))

    assert (refused.status_code, refused.json()["code"]) == (409, "session_overlap")
    assert [each.status_code for each in (after, group, colleague)] == [201, 201, 201]
    assert Session.objects.count() == 4


def people_like(client: Client) -> Client:
    """Return another client of the same organization who was given the notice."""
    made = people.client(client.organization)
    programs.notice(made, client.organization)
    return made


def test_no_first_session_without_the_notice(cast, api) -> None:
    fresh = people.client(cast.north)
    web = api(cast.peer)

    refused = web.post("session-log/", quick(fresh))
    cast.north.part2_status = Part2Status.NOT_PART2
    cast.north.save()
    unbound = web.post("session-log/", quick(fresh))

    assert (refused.status_code, refused.json()["code"]) == (422, "part2_notice_missing")
    assert unbound.status_code == 201


def test_distress_seen_by_a_peer_is_handed_over(cast, api, client) -> None:
    web = api(cast.peer)
    handoff = {"to_staff": str(cast.therapist.id), "method": "phone", "at": ago(minutes=5)}

    refused = web.post("session-log/", quick(client, distress=True))
    made = web.post("session-log/", quick(client, distress=True, handoff=handoff))

    assert (refused.status_code, refused.json()["code"]) == (422, "handoff_required")
    assert (made.status_code, made.json()["handoff_to_id"]) == (201, str(cast.therapist.id))
    item = WorkItem.objects.get()
    assert (item.kind, item.assignee_id, item.priority) == (ItemKind.CRISIS_HANDOFF, cast.therapist.id, 0)
    assert Session.objects.count() == 1


def test_without_a_hand_over_nothing_is_saved(cast, api, client) -> None:
    """PEER-03: 422 `handoff_required`, no log, no alert, no work."""
    refused = api(cast.peer).post("session-log/", quick(client, distress=True))

    assert (refused.status_code, refused.json()["code"]) == (422, "handoff_required")
    assert not Session.objects.exists()
    assert not RiskAlert.objects.exists()
    assert not WorkItem.objects.exists()


@pytest.mark.parametrize("summary", ["She said she can't go on.", "No quiero vivir, dijo.", "he is not suicidal"])
def test_crisis_words_in_a_summary_ask_for_a_hand_over(cast, api, client, summary: str) -> None:
    """PEER-03: the lexicon of SMS-61 reads summaries; a negation does not clear it."""
    web = api(cast.peer)

    refused = web.post("session-log/", quick(client, summary=summary))

    assert (refused.status_code, refused.json()["code"]) == (422, "handoff_required")
    assert refused.json()["because"] == "crisis_words"
    assert web.post("session-log/", quick(client, summary=summary, handoff=over_to(cast))).status_code == 201
    alert = RiskAlert.objects.get()
    assert (alert.what, alert.lexicon_version, bool(alert.term)) == ("crisis_words", "1", True)


def test_a_positive_screener_of_the_session_asks_for_a_hand_over(cast, api, client) -> None:
    """PEER-03: one that this peer gave within the session; a colleague's, or last week's, does not."""
    items = {**{str(number): 0 for number in range(1, 9)}, "9": 1}
    given = {"client_id": client.id, "instrument": "phq9", "items": items, "mode": "phone"}
    record_response(new=NewResponse(**given, completed_at=clock.now() - timedelta(days=7)), actor=cast.peer)
    record_response(new=NewResponse(**given), actor=cast.therapist)
    web = api(cast.peer)
    assert web.post("session-log/", quick(client, started_at=ago(hours=3))).status_code == 201
    record_response(new=NewResponse(**given, completed_at=clock.now() - timedelta(minutes=5)), actor=cast.peer)

    refused = web.post("session-log/", quick(client))

    assert (refused.status_code, refused.json()["because"]) == (422, "screener_positive")
    assert web.post("session-log/", quick(client, handoff=over_to(cast))).status_code == 201
    assert RiskAlert.objects.filter(source="session", what="screener_positive").count() == 1


def test_a_hand_over_raises_an_alert_that_asks_the_named_clinician_first(cast, api, client, travel) -> None:
    """PEER-03: if none answers within 15 minutes the on-call path of SMS-62 runs."""
    noon = datetime(2026, 11, 24, 18, tzinfo=UTC)
    travel(noon)
    alerts.on_call(cast.at_north[Role.SUPERVISOR], Role.SUPERVISOR, cast.north)
    api(cast.peer).post("session-log/", quick(client, distress=True, handoff=over_to(cast)))
    alert, log = RiskAlert.objects.get(), PeerNote.objects.get()
    (first,) = alert.pages.all()
    assert (alert.severity, alert.source, alert.source_id, alert.what) == ("high", "session", log.id, "distress")
    assert (first.user_id, first.deadline - first.paged_at) == (cast.therapist.id, timedelta(minutes=15))

    travel(noon + timedelta(minutes=14))
    assert escalate() == 0
    travel(noon + timedelta(minutes=16))
    assert escalate() == 1

    second = alert.pages.order_by("id").last()
    assert (second.role, second.step, second.nobody_on_call) == ("supervisor", 1, True)  # no therapist is on call
    assert second.deadline - second.paged_at == timedelta(minutes=5)


def test_a_hand_over_to_oneself_is_none(cast, api, client) -> None:
    """PEER-03: somebody who is both peer and therapist names another clinician."""
    both = people.staff(Role.PEER_SPECIALIST, Role.THERAPIST, at=cast.north)
    handoff = over_to(cast) | {"to_staff": str(both.id)}

    refused = api(both).post("session-log/", quick(client, kind="peer", distress=True, handoff=handoff))

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["handoff.to_staff"])


def over_to(cast) -> dict[str, Any]:
    """Return a hand-over to North's therapist five minutes ago."""
    return {"to_staff": str(cast.therapist.id), "method": "phone", "at": ago(minutes=5)}


def test_the_work_of_a_hand_over_lies_where_the_clinician_works(cast, api) -> None:
    client = people.client(cast.north)
    episodes.episode(client, stage=Stage.PEER_SUPPORT)
    peer = people.staff(Role.PEER_SPECIALIST, at=cast.south)
    Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=Reason.REFERRAL)
    programs.notice(client, cast.south)
    handoff = {"to_staff": str(cast.therapist.id), "method": "phone", "at": ago(minutes=5)}

    made = api(peer).post("session-log/", quick(client, distress=True, handoff=handoff))

    assert made.status_code == 201
    assert WorkItem.objects.get().organization_id == cast.north.id
    assert len(api(cast.therapist).get("work-items/").json()["results"]) == 1


def test_a_hand_over_names_a_clinician_and_a_moment_of_the_session(cast, api, client) -> None:
    web = api(cast.peer)
    good = {"to_staff": str(cast.therapist.id), "method": "phone", "at": ago(minutes=5)}

    for change, field in (
        ({"to_staff": str(cast.case_manager.id)}, "handoff.to_staff"),
        ({"to_staff": str(cast.at_south[Role.THERAPIST].id)}, "handoff.to_staff"),
        ({"at": ago(hours=2)}, "handoff.at"),
        ({"at": ago(hours=-2)}, "handoff.at"),
        ({"method": "pigeon"}, "handoff.method"),
    ):
        refused = web.post("session-log/", quick(client, distress=True, handoff=good | change))
        assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert web.post("session-log/", quick(client, handoff=good)).status_code == 400
    assert not Session.objects.exists()
    assert not WorkItem.objects.exists()


def test_a_clinician_who_sees_distress_needs_no_hand_over(cast, api, client) -> None:
    assert api(cast.therapist).post("session-log/", quick(client, distress=True)).status_code == 201


def test_a_session_lies_before_the_death_on_the_clients_last_day_or_earlier(cast, api, client, travel) -> None:
    """T17: what was held may be told late; nothing was held with the dead."""
    today = clock.now()
    assert api(cast.therapist).post(f"clients/{client.id}/death/", {"died_on": f"{today:%Y-%m-%d}"}).status_code == 200
    before = quick(client, started_at=ago(days=1), late_reason="Told late.")
    travel(today + timedelta(days=2))
    after = quick(client, started_at=ago(hours=3))

    refused = api(cast.peer).post("session-log/", after)

    assert (refused.status_code, refused.json()["code"]) == (422, "client_deceased")
    assert Session.objects.count() == 0
    assert api(cast.peer).post("session-log/", before).status_code == 201


def test_the_same_told_twice_is_one_session(cast, api, client) -> None:
    """Repeat-safe by key, and without one by who, whom, when and what."""
    web, body = api(cast.peer), quick(client)

    first = web.post("session-log/", body, Idempotency_Key="a-phone")
    by_key = web.post("session-log/", body, Idempotency_Key="a-phone")
    without = web.post("session-log/", body)
    other_words = web.post("session-log/", body | {"summary": "Talked about rent."})

    assert [each.status_code for each in (first, by_key, without)] == [201, 201, 200]
    assert first.json()["note_id"] == by_key.json()["note_id"] == without.json()["note_id"]
    assert (other_words.status_code, other_words.json()["code"]) == (409, "already_logged")
    assert Session.objects.count() == Attendance.objects.count() == PeerNote.objects.count() == 1


def test_a_session_counts_for_the_program_that_the_client_is_in(cast, api, client) -> None:
    stay = episodes.episode(client, stage=Stage.PEER_SUPPORT)
    support = programs.program(cast.north, timezone="America/New_York")
    running = programs.enrollment(stay, support, stage=EnrollmentStage.ACTIVE, provider_id=cast.peer.id)
    programs.enrollment(stay, programs.program(cast.north, kind=Kind.SOBER_LIVING), stage=EnrollmentStage.ACTIVE)

    made = api(cast.peer).post("session-log/", quick(client, minutes=23)).json()

    session = Session.objects.get()
    assert made["enrollment_id"] == str(running.id)
    assert (session.program_id, session.timezone) == (support.id, "America/New_York")


def test_the_eight_minute_rule_is_a_setting(cast, api, client) -> None:
    """PEER-05: units are shown, no advice for bills."""
    plain = api(cast.peer).post("session-log/", quick(client, minutes=23)).json()
    set_number(name="session_unit_rest_minutes", value=8, reason="Our payer.", actor=cast.supervisor)

    by_eight = api(cast.peer).post("session-log/", quick(client, minutes=23, started_at=ago(hours=3))).json()

    assert (plain["units"], by_eight["units"]) == (1, 2)


def test_a_session_that_is_planned_is_not_logged_beside_itself(cast, api, client) -> None:
    """PEER-05: it is told as held instead."""
    sessions.session(cast.peer, client, ahead=-1)

    refused = api(cast.peer).post("session-log/", quick(client))

    assert (refused.status_code, refused.json()["code"]) == (409, "session_overlap")
    assert not PeerNote.objects.exists()


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER])
def test_notes_of_an_earlier_episode_are_not_there_for_peers_and_houses(cast, api, client, role) -> None:
    """CLN-31: each note names its episode."""
    earlier, staff = episodes.episode(client), cast.at_north[role]
    made = api(staff).post("session-log/", quick(client)).json()
    word = "peer" if role is Role.PEER_SPECIALIST else "contact"
    path = f"notes/{word}/{made['note_id']}/"
    assert (made["episode_id"], api(staff).get(path).status_code) == (str(earlier.id), 200)
    over = {"verb": "cancel", "data": {"cancel_reason": "withdrew"}}
    assert api(cast.case_manager).post(f"episodes/{earlier.id}/transitions/", over).status_code == 201
    again = {"client": str(client.id), "source": "self", "reason": "Asks.", "previous": str(earlier.id)}
    assert api(cast.case_manager).post("episodes/", again).status_code == 201

    assert api(staff).get(path).status_code == 404
    assert api(cast.case_manager).get(path).status_code == 200
