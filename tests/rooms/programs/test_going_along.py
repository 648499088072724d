"""The old service ends or goes on with a step; a hold pauses what runs and gives it back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.errors import GuardsFailed
from casemgmt.kernel.events import Event
from programs.facts import for_episode
from programs.handlers import follow_stage
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, EnrollmentMove, Program
from programs.rules.kinds import Kind
from tests.factories import episodes, pathway, people, programs, readiness

ACTIVE, PLANNED, HELD = EnrollmentStage.ACTIVE, EnrollmentStage.PLANNED, EnrollmentStage.ON_HOLD


class Beside:
    """An episode at North that leads with a stage, and its enrollments by kind."""

    def __init__(self, cast: Any, lead: Stage) -> None:
        self.cast = cast
        self.episode = episodes.episode(people.client(cast.north), stage=lead)

    def add(self, kind: Kind, stage: EnrollmentStage = ACTIVE) -> Enrollment:
        """Add an enrollment at North with a provider."""
        provider = self.cast.at_north[readiness.PROVIDERS[kind]].id
        return programs.enrollment(
            self.episode, programs.program(self.cast.north, kind=kind), stage=stage, provider_id=provider
        )

    def step(self, stage: Stage, **told: Any) -> StageMove:
        """Move the episode."""
        return pathway.step(self.episode, stage, actor=self.cast.supervisor, **told)

    def stages(self) -> dict[str, str]:
        """Return where the enrollment of each kind stands."""
        rows = Enrollment.objects.filter(episode=self.episode).select_related("program")
        return {row.program.kind: str(row.stage) for row in rows}


@pytest.mark.parametrize(
    ("origin", "target", "old"),
    [
        (Stage.IOP, Stage.THERAPY, "ended"),
        (Stage.THERAPY, Stage.PEER_SUPPORT, "ended"),
        (Stage.THERAPY, Stage.IOP, "active"),
        (Stage.PEER_SUPPORT, Stage.AFTERCARE, "active"),
        (Stage.SOBER_LIVING, Stage.THERAPY, "active"),
        (Stage.AFTERCARE, Stage.PEER_SUPPORT, "active"),
        (Stage.AFTERCARE, Stage.IOP, "ended"),  # the two exclude each other
        (Stage.IOP, Stage.SOBER_LIVING, "active"),  # a residence needs care beside it, and there is no other
    ],
)
def test_the_old_service_ends_or_goes_on_by_custom(cast, origin, target, old) -> None:
    """T9, STG-01: and the new one begins."""
    case = Beside(cast, origin)
    case.add(Kind(origin.value))
    case.add(Kind(target.value), PLANNED)

    move = case.step(target)

    assert case.stages() == {origin.value: old, target.value: "active"}
    assert Program.objects.get(kind=origin.value).places_taken == (0 if old == "ended" else 1)
    if old == "ended":
        last = EnrollmentMove.objects.get(verb="end")
        assert last.given == {"end_reason": "stage_left", "episode_move": move.seq}
        assert (last.rule, last.actor_id) == ("STG-01", cast.supervisor.id)


@pytest.mark.parametrize(("told", "old"), [("end", "ended"), ("continue", "active")])
@pytest.mark.parametrize("origin", [Stage.IOP, Stage.PEER_SUPPORT])
def test_who_moves_the_episode_may_say_which(cast, origin, told, old) -> None:
    """T9: `old_service`."""
    case = Beside(cast, origin)
    case.add(Kind(origin.value))
    case.add(Kind.THERAPY, PLANNED)

    case.step(Stage.THERAPY, old_service=told)

    assert case.stages()[origin.value] == old


@pytest.mark.parametrize(
    ("origin", "target", "told", "rule"),
    [
        (Stage.AFTERCARE, Stage.IOP, "continue", "aftercare_follows_iop"),
        (Stage.IOP, Stage.SOBER_LIVING, "end", "residence_beside_care"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_nothing_moved(cast, origin, target, told, rule) -> None:
    """STG-01: naming the rule."""
    case = Beside(cast, origin)
    case.add(Kind(origin.value))
    case.add(Kind(target.value), PLANNED)

    with pytest.raises(GuardsFailed) as refused:
        case.step(target, old_service=told)

    assert [rule in each.sentence for each in refused.value.refusals] == [True]
    assert case.stages() == {origin.value: "active", target.value: "planned"}
    assert str(Episode.objects.get(pk=case.episode.pk).stage) == origin.value


def test_a_third_service_that_excludes_the_new_lead_stops_the_move(cast) -> None:
    """STG-01: the pathway does not begin what may not run."""
    case = Beside(cast, Stage.THERAPY)
    for kind, stage in ((Kind.THERAPY, ACTIVE), (Kind.AFTERCARE, ACTIVE), (Kind.IOP, PLANNED)):
        case.add(kind, stage)

    with pytest.raises(GuardsFailed) as refused:
        case.step(Stage.IOP)

    assert [each.code for each in refused.value.refusals] == ["combination_excluded"]
    assert case.stages()["iop"] == "planned"


def test_over_http_a_step_says_what_becomes_of_the_old_service(cast, api) -> None:
    """T9: the whole way, by the doors: the refusal names the rule, and custom carries the second try."""
    episode = readiness.ready_episode(cast)
    web, path = api(cast.therapist), f"episodes/{episode.id}/transitions/"
    others = Enrollment.objects.exclude(program__kind__in=["iop", "sober_living"])
    for row in others:
        done = {"verb": "end", "data": {"end_reason": "planned_in_error"}}
        assert web.post(f"enrollments/{row.id}/transitions/", done).status_code == 201
    told = {
        name: value
        for name, value in readiness.told(cast, episode).items()
        if name not in ("peer", "receiving_organization")
    }
    assert web.post(path, {"verb": "enter_iop", "data": told}).status_code == 201

    ends = {"verb": "enter_sober_living", "data": {**told, "old_service": "end"}}
    refused = web.post(path, ends)
    moved = web.post(path, {"verb": "enter_sober_living", "data": told})

    assert (refused.status_code, refused.json()["code"]) == (409, "transition_blocked")
    assert "residence_beside_care" in refused.json()["failed_guards"][0]["sentence"]
    assert moved.status_code == 201
    open_ones = {row.program.kind for row in Enrollment.objects.open().select_related("program")}
    assert open_ones == {"iop", "sober_living"}
    wrong = web.post(path, {"verb": "enter_iop", "data": {**told, "old_service": "perhaps"}})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["data.old_service"])


def test_the_residence_that_was_told_begins(cast) -> None:
    """T5: not just the one that was planned first."""
    case = Beside(cast, Stage.PEER_SUPPORT)
    case.add(Kind.PEER_SUPPORT)
    first, second = (case.add(Kind.SOBER_LIVING, PLANNED) for _ in range(2))

    case.step(Stage.SOBER_LIVING, residence=str(second.program_id))

    assert str(Enrollment.objects.get(pk=first.pk).stage) == "planned"
    assert str(Enrollment.objects.get(pk=second.pk).stage) == "active"


def test_a_hold_pauses_what_runs_and_gives_back_only_that(cast, api) -> None:
    """STG-01, T11, T12: what a person paused stays paused; the ledger says why."""
    case = Beside(cast, Stage.THERAPY)
    case.add(Kind.THERAPY)
    by_hand = case.add(Kind.PEER_SUPPORT)
    case.add(Kind.SOBER_LIVING)
    case.add(Kind.AFTERCARE, PLANNED)
    path = f"enrollments/{by_hand.id}/transitions/"
    assert api(cast.case_manager).post(path, {"verb": "hold"}).status_code == 201

    hold = case.step(Stage.ON_HOLD)
    paused, facts = case.stages(), _facts(case)
    back = case.step(Stage.THERAPY)

    assert paused == {
        "therapy": "on_hold",
        "peer_support": "on_hold",
        "sober_living": "on_hold",
        "aftercare": "planned",
    }
    assert {kind: fact.paused_with_episode for kind, fact in facts.items()} == {
        "therapy": True,
        "peer_support": False,
        "sober_living": True,
        "aftercare": False,
    }
    assert case.stages() == {
        "therapy": "active",
        "peer_support": "on_hold",
        "sober_living": "active",
        "aftercare": "planned",
    }
    holds = EnrollmentMove.objects.filter(verb="hold", given__episode_move=hold.seq)
    assert {row.given["hold_reason"] for row in holds} == {"episode_on_hold"}
    assert holds.count() == EnrollmentMove.objects.filter(verb="resume", given__episode_move=back.seq).count() == 2


def _facts(case: Beside) -> dict[str, Any]:
    episode = Episode.objects.get(pk=case.episode.pk)
    return {fact.kind: fact for fact in for_episode(episode, at=episode.updated_at)["enrollments"]}


def test_a_hold_that_leads_elsewhere_leaves_the_stage_it_held(cast) -> None:
    """T13: the old service is the one of the held stage."""
    case = Beside(cast, Stage.IOP)
    case.add(Kind.IOP)
    case.add(Kind.PEER_SUPPORT)
    case.add(Kind.THERAPY, PLANNED)
    case.step(Stage.ON_HOLD)

    case.step(Stage.THERAPY)

    assert case.stages() == {"iop": "ended", "peer_support": "active", "therapy": "active"}


def test_what_another_organization_paused_waits_for_a_person_where_no_referral_covers_it(cast) -> None:
    """G6: a hold gives nothing back that may not run."""
    case = Beside(cast, Stage.THERAPY)
    case.add(Kind.THERAPY)
    theirs = programs.program(cast.south, kind=Kind.PEER_SUPPORT)
    programs.enrollment(case.episode, theirs, stage=ACTIVE, provider_id=cast.at_south[Role.PEER_SPECIALIST].id)

    case.step(Stage.ON_HOLD)
    case.step(Stage.THERAPY)

    assert case.stages() == {"therapy": "active", "peer_support": "on_hold"}


@transaction.atomic
def corrected(case: Beside, origin: Stage, target: Stage) -> None:
    """Tell the room that the ledger was set right."""
    payload = {"from": origin.value, "to": target.value}
    # any topic of the pathway does: what a correction is called belongs to its room
    event = Event("episode.held", case.episode.id, case.episode.client_id, None, payload)
    follow_stage(event, actor=case.cast.supervisor)


def test_a_correction_into_a_terminal_stage_ends_everything(cast) -> None:
    """STG-01, T20: by where it leads, not by its verb."""
    case = Beside(cast, Stage.INTAKE)
    case.add(Kind.THERAPY)
    case.add(Kind.PEER_SUPPORT, PLANNED)

    corrected(case, Stage.INTAKE, Stage.CANCELLED)

    assert case.stages() == {"therapy": "ended", "peer_support": "ended"}


def test_a_correction_out_of_a_terminal_stage_restarts_nothing(cast) -> None:
    """T20: what ended has ended; somebody plans anew."""
    case = Beside(cast, Stage.THERAPY)
    case.add(Kind.THERAPY, PLANNED)

    corrected(case, Stage.DISCHARGED, Stage.THERAPY)

    assert case.stages() == {"therapy": "planned"}
