"""Correcting the ledger (T20): a new row, by a supervisor, for a reason; the rooms follow it; nothing is deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from casemgmt.access.models import Reason
from casemgmt.access.services import grant
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.episodes.models import CoSignature, Episode, StageMove, StageProposal
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.definition import definition_of
from casemgmt.ledgers import first_broken, ledgers
from casemgmt.worklist.models import WorkItem
from notifications.models import CheckInPlan
from programs.models import Enrollment
from tests.factories import people, readiness

REASON = "The wrong client was open on the screen."


def move(cast, episode: Episode, verb: str, **data: Any) -> None:
    """Move an episode in a transaction that ends: what it promises to keep is kept here and now."""
    told = readiness.told(cast, episode) | data
    move_episode(episode_id=episode.id, order=MoveOrder(verb, told, "Agreed."), actor=cast.supervisor)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def correct(api, cast, episode: Episode, by: str = "supervisor", **wanted: Any) -> Any:
    last = StageMove.objects.filter(episode=episode).order_by("-seq").values_list("seq", flat=True)[0]
    body = {"move": last, "reason": REASON, **wanted}
    return api(getattr(cast, by)).post(f"episodes/{episode.id}/corrections/", body)


def now(episode: Episode) -> Episode:
    return Episode.objects.get(pk=episode.pk)


def picture(episode: Episode) -> tuple:
    """Return everything that a refused correction must leave alone."""
    columns = Episode.objects.filter(pk=episode.pk).values_list("stage", "held_stage", "ended_at", "version").get()
    enrollments = tuple(Enrollment.objects.order_by("id").values_list("stage", flat=True))
    return columns, StageMove.objects.count(), enrollments, WorkItem.objects.open().count()


def items(*kinds: str) -> list[str]:
    return sorted(WorkItem.objects.open().filter(kind__in=kinds).values_list("kind", flat=True))


@pytest.fixture
def discharged(cast):
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    CheckInPlan.objects.create(
        client=episode.client,
        episode=episode,
        organization_id=episode.organization_id,
        times=["12:00"],
        weekdays=[2],
        starts_on=people.today(),
    )
    move(cast, episode, "discharge")
    return episode


def test_a_row_entered_in_error_is_superseded_and_stays(cast, api, discharged) -> None:
    """T20, F2: who, in which roles, why, under which table, instead of which row."""
    wrong = StageMove.objects.get(verb="discharge")

    answer = correct(api, cast, discharged, entered_in_error=True)

    assert answer.status_code == 201, answer.content
    row, episode = StageMove.objects.latest("seq"), now(discharged)
    assert (row.verb, row.rule, row.from_stage, row.to_stage, row.enters) == (
        "correct",
        "T20",
        "discharged",
        "therapy",
        "therapy",
    )
    assert (row.supersedes_id, row.reason, row.actor_id, row.actor_roles) == (
        wrong.seq,
        REASON,
        cast.supervisor.id,
        ["supervisor"],
    )
    assert (row.definition, row.effective_at) == (definition_of(Episode), wrong.effective_at)
    assert row.facts["treatment_consent"] is True
    assert (str(episode.stage), episode.ended_at, episode.teds_code, episode.last_contact_on) == (
        "therapy",
        None,
        None,
        None,
    )
    assert answer["ETag"] == f'"{episode.version}"'
    assert StageMove.objects.filter(seq=wrong.seq, reason="Agreed.").exists()
    assert AuditEvent.objects.filter(action="episode.corrected", actor_id=cast.supervisor.id).count() == 1
    assert [first_broken(ledger) for ledger in ledgers()] == [None] * len(list(ledgers()))


def test_the_ledger_shows_both_and_which_is_which(cast, api, discharged) -> None:
    """T20, F2."""
    seq = correct(api, cast, discharged, entered_in_error=True).json()["seq"]

    listed = api(cast.case_manager).get(f"episodes/{discharged.id}/moves/").json()["results"]

    by_seq = {each["seq"]: each for each in listed}
    wrong = by_seq[seq]["supersedes_id"]
    assert (by_seq[wrong]["verb"], by_seq[wrong]["superseded_by"]) == ("discharge", seq)
    assert (by_seq[seq]["verb"], by_seq[seq]["superseded_by"], by_seq[seq]["enters"]) == ("correct", None, "therapy")


def test_out_of_an_end_nothing_starts_by_itself_and_people_are_asked(cast, api, discharged) -> None:
    """T20: enrollments stay ended, check-ins stay off; the work item lists it."""
    assert items("outreach_due", "stage_corrected") == ["outreach_due"]

    correct(api, cast, discharged, entered_in_error=True)

    assert set(Enrollment.objects.filter(episode=discharged).values_list("stage", flat=True)) == {"ended"}
    assert CheckInPlan.objects.get(episode=discharged).status == "ended"
    assert items("outreach_due", "stage_corrected") == ["stage_corrected"]


def test_into_an_end_enrollments_and_check_ins_end(cast, api) -> None:
    """T20: exactly as for an ordinary move."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    plan = CheckInPlan.objects.create(
        client=episode.client,
        episode=episode,
        organization_id=episode.organization_id,
        times=["12:00"],
        weekdays=[2],
        starts_on=people.today(),
    )
    move(cast, episode, "hold", keep_checkins=True)

    answer = correct(api, cast, episode, stage="discharged", data={"discharge_reason": "incarcerated"})

    assert answer.status_code == 201, answer.content
    plan.refresh_from_db()
    assert set(Enrollment.objects.filter(episode=episode).values_list("stage", flat=True)) == {"ended"}
    assert (plan.status, plan.reason) == ("ended", "episode_discharged")
    assert (str(now(episode).stage), now(episode).teds_code, now(episode).held_stage) == ("discharged", 5, "")
    assert items("outreach_due", "hold_review") == ["outreach_due"]


def test_a_wrong_end_is_corrected_to_the_right_one(cast, api, discharged) -> None:
    """T20, T14: the code of TEDS-D follows."""
    answer = correct(api, cast, discharged, stage="completed", data={"last_contact": "2026-01-02"})

    episode = now(discharged)
    assert answer.status_code == 201, answer.content
    assert (str(episode.stage), episode.teds_code, str(episode.last_contact_on)) == ("completed", 1, "2026-01-02")
    assert episode.ended_at == StageMove.objects.get(verb="discharge").effective_at


def test_the_moment_of_a_row_is_corrected_and_moves_nobody(cast, api, discharged) -> None:
    """T20, F2: the end follows; no room hears of a stage."""
    wrong = StageMove.objects.get(verb="discharge")
    since = wrong.effective_at - timedelta(hours=5)

    answer = correct(api, cast, discharged, effective_at=since.isoformat())

    assert (answer.status_code, answer.json()["from_stage"], answer.json()["to_stage"]) == (
        201,
        "discharged",
        "discharged",
    )
    assert (now(discharged).ended_at, now(discharged).teds_code) == (since, 7)
    assert items("outreach_due", "stage_corrected") == ["outreach_due", "stage_corrected"]


def test_an_earlier_row_is_corrected_and_the_hold_follows(cast, api) -> None:
    """T20: the stage stays on hold, and resumes to what was right."""
    episode = readiness.ready_episode(cast, stage=Stage.ON_HOLD, held=Stage.THERAPY)
    wrong = StageMove.objects.get(episode=episode, to_stage="therapy")

    answer = correct(api, cast, episode, move=wrong.seq, stage="iop")

    row = StageMove.objects.latest("seq")
    assert answer.status_code == 201, answer.content
    assert (row.from_stage, row.to_stage, row.enters) == ("on_hold", "on_hold", "iop")
    assert (str(now(episode).stage), now(episode).held_stage) == ("on_hold", "iop")


def test_the_beginning_of_an_episode_is_corrected_in_time(cast, api) -> None:
    """T20."""
    episode = readiness.ready_episode(cast)
    since = episode.opened_at - timedelta(days=3)

    correct(api, cast, episode, effective_at=since.isoformat())

    assert now(episode).opened_at == since


@pytest.mark.parametrize(
    ("by", "status"),
    [("case_manager", 403), ("therapist", 403), ("peer", 403), ("outsider", 404)],
)
def test_supervisors_of_the_organization_correct_and_nobody_else(cast, api, discharged, by, status) -> None:
    """T20."""
    before = picture(discharged)

    answer = correct(api, cast, discharged, by=by, entered_in_error=True)

    assert (answer.status_code, picture(discharged)) == (status, before)


def test_a_supervisor_of_another_organization_that_sees_the_client_does_not(cast, api, discharged) -> None:
    """T20."""
    grant(client_id=discharged.client_id, organization_id=cast.south.id, reason=Reason.CARE, actor=cast.supervisor)
    before = picture(discharged)
    last = StageMove.objects.latest("seq").seq
    body = {"move": last, "reason": REASON, "entered_in_error": True}

    answer = api(cast.at_south[Role.SUPERVISOR]).post(f"episodes/{discharged.id}/corrections/", body)

    assert (answer.status_code, picture(discharged)) == (403, before)


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"entered_in_error": True, "reason": ""}, 400, "invalid"),
        ({"entered_in_error": True, "version": 1}, 409, "stale_version"),
        ({"stage": "intake"}, 422, "correction_not_possible"),
        ({"stage": "deceased", "entered_in_error": True}, 400, "invalid"),
        ({"stage": "discharged"}, 400, "nothing_to_correct"),
        ({"stage": "elsewhere"}, 400, "invalid"),
        ({"entered_in_error": True, "move": 9_999_999}, 400, "invalid"),
        ({"effective_at": "2001-01-01T00:00:00Z"}, 400, "effective_at_invalid"),
        ({"data": {"discharge_reason": "terminated_by_facility"}}, 400, "data_missing"),
        ({"entered_in_error": True, "silently": True}, 400, "invalid"),
    ],
)
def test_a_refused_correction_leaves_nothing(cast, api, discharged, wanted, status, code) -> None:
    """T20, STG-10."""
    before = picture(discharged)

    answer = correct(api, cast, discharged, **wanted)

    assert (answer.status_code, answer.json()["code"], picture(discharged)) == (status, code, before)


def test_a_row_is_corrected_once_and_its_correction_again(cast, api, discharged) -> None:
    """T20."""
    wrong = StageMove.objects.get(verb="discharge").seq
    first = correct(api, cast, discharged, entered_in_error=True).json()["seq"]
    before = picture(discharged)

    twice = correct(api, cast, discharged, move=wrong, stage="completed")
    assert (twice.status_code, twice.json()["code"], twice.json()["by"]) == (409, "already_corrected", first)
    assert picture(discharged) == before

    again = correct(api, cast, discharged, move=first, stage="completed")
    assert (again.status_code, str(now(discharged).stage)) == (201, "completed")


def test_postgresql_lets_no_row_be_superseded_twice(cast, api, discharged) -> None:
    """T20: whoever writes."""
    correct(api, cast, discharged, entered_in_error=True)
    row = StageMove.objects.latest("seq")
    row.seq = None

    with pytest.raises(DatabaseError, match="supersedes_id"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"supersedes_id": None}, "stage_move_allowed"),
        ({"verb": "enter_iop"}, "stage_move_allowed"),
        ({"enters": "iop"}, "stage_move_enters_fits"),
        ({"reason": ""}, "stage_move_correction_has_reason"),
    ],
)
def test_postgresql_knows_what_a_correction_is(cast, api, discharged, change, constraint) -> None:
    """T20, STG-12: whoever writes; only a row that supersedes leads from an end."""
    correct(api, cast, discharged, entered_in_error=True)
    row = StageMove.objects.latest("seq")
    fields = {name: getattr(row, name) for name in ("verb", "rule", "from_stage", "to_stage", "enters", "reason")}
    fields |= {"at": row.at, "effective_at": row.effective_at, "actor_kind": "staff", "supersedes_id": row.seq}

    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        StageMove.objects.create(episode=discharged, **(fields | change))


def test_a_waiting_signature_and_proposal_of_a_wrong_step_are_closed(cast, api) -> None:
    """T20, T8."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    told = readiness.told(cast, episode) | {"expedite": True, "trigger": "symptom_rise"}
    ahead = api(cast.case_manager).post(
        f"episodes/{episode.id}/transitions/", {"verb": "enter_iop", "data": told, "reason": "Tonight."}
    )
    assert ahead.status_code == 201, ahead.content
    proposed = api(cast.peer).post(f"episodes/{episode.id}/proposals/", {"verb": "hold", "reason": "Asks."})
    assert proposed.status_code == 201, proposed.content

    correct(api, cast, episode, entered_in_error=True)

    signature = CoSignature.objects.get()
    assert (signature.status, signature.decided_by, signature.reason) == ("refused", cast.supervisor.id, REASON)
    assert StageProposal.objects.get().status == "moot"
    assert items("cosign_needed", "cosign_lapsed", "stage_proposed") == []
    assert str(now(episode).stage) == "therapy"
