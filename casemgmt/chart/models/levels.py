"""Levels of care as clinicians sign them (CLN-04, G5). Codes and a rationale; the criteria's text is licensed."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import F, Q

from casemgmt.chart.querysets import LevelOfCareQuerySet
from casemgmt.episodes.levels import CODES

from .entry import ChartEntry


class LevelOfCareAssessment(ChartEntry):
    """Which level of care a clinician found to fit, when, and why. Who recorded it signed it.

    A newer one takes the place of an older one by being newer; an amendment corrects one.
    """

    content = ("edition", "code", "rationale", "assessed_at")

    edition = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=4)
    rationale = models.TextField()
    assessed_at = models.DateTimeField()

    objects = LevelOfCareQuerySet.as_manager()

    class Meta:
        constraints = [
            *ChartEntry.Meta.constraints,
            # rules.md 3.1: a level belongs to its edition; follows levels.py by makemigrations
            models.CheckConstraint(
                condition=reduce(or_, [Q(edition=edition, code__in=codes) for edition, codes in CODES.items()]),
                name="chart_level_known",
            ),
            models.CheckConstraint(condition=~Q(rationale=""), name="chart_level_reasoned"),  # rules.md 3.1
            # CLN-04: an assessment does not become fresh by being dated ahead
            models.CheckConstraint(condition=Q(assessed_at__lte=F("recorded_at")), name="chart_level_in_the_past"),
        ]
        indexes = [
            # reader: one client's levels of care, latest first
            models.Index(fields=["client", "-assessed_at", "-id"], name="chart_level_by_client"),
            # reader: the level in force of an episode (G5)
            models.Index(fields=["episode", "-assessed_at", "-id"], name="chart_level_by_episode"),
        ]
