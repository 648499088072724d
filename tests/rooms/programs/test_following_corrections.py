"""Enrollments and corrections of the pathway's ledger (T20)."""

from __future__ import annotations

from typing import Any

from django.db import connection

from casemgmt.episodes.amending import Correction
from casemgmt.episodes.corrections import correct_move
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, Program
from programs.rules.kinds import Kind
from tests.factories import episodes, pathway, people, programs


def leading_with_therapy(cast: Any) -> Any:
    """Return an episode at North that leads with therapy, which runs, and with peer support that is planned."""
    episode = episodes.episode(people.client(cast.north), stage=Stage.THERAPY)
    therapy = programs.program(cast.north, kind=Kind.THERAPY)
    programs.enrollment(episode, therapy, stage=EnrollmentStage.ACTIVE, provider_id=cast.therapist.id)
    programs.enrollment(episode, programs.program(cast.north), provider_id=cast.peer.id)
    return episode


def stages() -> dict[str, str]:
    """Return where the enrollment of each kind stands."""
    return {row.program.kind: str(row.stage) for row in Enrollment.objects.select_related("program")}


def correct(cast: Any, episode: Any, seq: int, **fields: Any) -> None:
    """Correct a row, as a supervisor, and judge what PostgreSQL judges at commit."""
    correction = Correction(move=seq, reason="It was told wrongly.", **fields)
    correct_move(episode_id=episode.id, correction=correction, actor=cast.supervisor)
    connection.check_constraints()


def test_a_correction_into_an_end_ends_everything(cast) -> None:
    """STG-01, T20: a hold that was a discharge in truth leaves nothing open."""
    episode = leading_with_therapy(cast)
    hold = pathway.step(episode, Stage.ON_HOLD, actor=cast.supervisor)

    told = {"discharge_reason": "other", "last_contact": "2026-01-01"}
    correct(cast, episode, hold.seq, stage="discharged", given=told)

    assert str(Episode.objects.get(pk=episode.pk).stage) == "discharged"
    assert stages() == {"therapy": "ended", "peer_support": "ended"}
    assert set(Program.objects.values_list("places_taken", flat=True)) == {0}


def test_a_correction_out_of_an_end_restarts_nothing(cast) -> None:
    """T20: what ended has ended; a person plans anew, and the new one leads."""
    episode = leading_with_therapy(cast)
    ended = pathway.step(episode, Stage.DISCHARGED, actor=cast.supervisor)
    connection.check_constraints()  # as at the end of the transaction that ended it

    correct(cast, episode, ended.seq, in_error=True)

    assert str(Episode.objects.get(pk=episode.pk).stage) == "therapy"
    assert stages() == {"therapy": "ended", "peer_support": "ended"}


def test_a_hold_entered_in_error_gives_back_what_it_paused(cast) -> None:
    """T20, T12: as if the client had come back."""
    episode = leading_with_therapy(cast)
    hold = pathway.step(episode, Stage.ON_HOLD, actor=cast.supervisor)
    paused = stages()

    correct(cast, episode, hold.seq, in_error=True)

    assert paused == {"therapy": "on_hold", "peer_support": "planned"}
    assert stages() == {"therapy": "active", "peer_support": "planned"}


def test_another_lead_begins_what_was_planned_and_ends_nothing(cast) -> None:
    """T20, T9: no service was left by setting the ledger right; a person ends what did not run."""
    episode = leading_with_therapy(cast)
    entered = episode.moves.order_by("-seq").first()

    correct(cast, episode, entered.seq, stage="peer_support")

    assert str(Episode.objects.get(pk=episode.pk).stage) == "peer_support"
    assert stages() == {"therapy": "active", "peer_support": "active"}


def test_what_changes_only_since_when_moves_no_enrollment(cast) -> None:
    """T20: a correction of the date alone."""
    episode = leading_with_therapy(cast)
    hold = pathway.step(episode, Stage.ON_HOLD, actor=cast.supervisor)
    before = list(Enrollment.objects.order_by("id").values_list("stage", "version"))
    entered = episode.moves.order_by("seq")[1]

    correct(cast, episode, hold.seq, effective_at=entered.effective_at)

    assert list(Enrollment.objects.order_by("id").values_list("stage", "version")) == before
