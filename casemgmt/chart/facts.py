"""What the chart knows of an episode, for the pathway's guards (G5, G9, G11, G12, T19). Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from casemgmt.episodes.facts import ContactFact, ContinuingCareFact, LevelOfCareFact
from casemgmt.episodes.models import Episode

from .models import ContactAttempt, ContinuingCarePlan, LevelOfCareAssessment, ReturnToUse

HERE = Q(episode=OuterRef("pk"))


def for_episode(episode: Episode, *, at: datetime) -> dict[str, Any]:
    """Return what is in force for the episode: level of care, plan, contacts, returns to use. One query."""
    found = Episode.objects.values(
        level=Subquery(_level()),
        plan=Subquery(_plan()),
        contacts=ArraySubquery(_contacts()),
        returns=ArraySubquery(_returns()),
    ).get(pk=episode.pk)
    return {
        "level_of_care": _level_fact(found["level"]),
        "continuing_care": _plan_fact(found["plan"]),
        "contacts": tuple(
            ContactFact(datetime.fromisoformat(each["at"]), each["channel"], each["reached"])
            for each in found["contacts"]
        ),
        "returns_to_use": tuple(str(each) for each in found["returns"]),
    }


def _level() -> QuerySet[Any, Any]:
    """Select the latest assessment that holds (G5)."""
    rows = LevelOfCareAssessment.objects.in_force().filter(HERE).order_by("-assessed_at", "-id")
    content = JSONObject(id="id", edition="edition", code="code", assessed_at="assessed_at")
    return rows.values(told=content)[:1]


def _plan() -> QuerySet[Any, Any]:
    """Select the version of the plan that holds (G9, G11)."""
    content = JSONObject(
        id="id",
        given_at="given_at",
        refused_at="refused_at",
        warning_signs="warning_signs",
        check_ins_refused="check_ins_refused",
        first_checkup_on="first_checkup_on",
        peer_offer="peer_offer",
    )
    return ContinuingCarePlan.objects.in_force().filter(HERE).values(told=content)[:1]


def _contacts() -> QuerySet[Any, Any]:
    """Select the attempts since the client was last reached, oldest first (G12)."""
    same = ContactAttempt.objects.in_force().filter(episode=OuterRef("episode"), reached=True)
    later = same.filter(Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), id__gt=OuterRef("id")))
    rows = ContactAttempt.objects.in_force().filter(HERE, ~Exists(later), reached=False)
    return rows.order_by("at", "id").values(told=JSONObject(at="at", channel="channel", reached="reached"))


def _returns() -> QuerySet[Any, Any]:
    """Select every id of each return to use that holds, earlier rows of its line too: a proposal may name one (T19)."""
    holds = ReturnToUse.objects.in_force().filter(line_id=OuterRef("line_id"))
    return ReturnToUse.objects.filter(HERE, Exists(holds)).order_by("recorded_at", "id").values(told=F("id"))


def _level_fact(told: Mapping[str, Any] | None) -> LevelOfCareFact | None:
    if told is None:
        return None
    return LevelOfCareFact(told["id"], told["edition"], told["code"], datetime.fromisoformat(told["assessed_at"]))


def _plan_fact(told: Mapping[str, Any] | None) -> ContinuingCareFact | None:
    if told is None:
        return None
    day = told["first_checkup_on"]
    return ContinuingCareFact(
        id=told["id"],
        given_at=_moment(told["given_at"]),
        refused_at=_moment(told["refused_at"]),
        has_warning_signs=bool(told["warning_signs"]),
        check_ins_refused=told["check_ins_refused"],
        first_checkup_on=date.fromisoformat(day) if day else None,
        peer_offer=told["peer_offer"],
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
