"""Continuing-care plans (G9, G11): versions of one line per episode."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.chart.querysets import ContinuingCarePlanQuerySet
from casemgmt.chart.words import PeerOffer

from .entry import ChartEntry


class ContinuingCarePlan(ChartEntry):
    """One version of what the client goes on with, or the client's refusal of a plan. The last version holds."""

    content = (
        "goals",
        "warning_signs",
        "supports",
        "given_at",
        "refused_at",
        "refusal_note",
        "check_ins_refused",
        "first_checkup_on",
        "peer_offer",
    )

    goals = models.TextField(blank=True)  # and what to do for them
    warning_signs = models.TextField(
        blank=True
    )  # the safety plan: what the client notices first, what helps, whom to call
    supports = models.TextField(blank=True)
    given_at = models.DateTimeField(null=True)  # when the client was given a copy
    refused_at = models.DateTimeField(null=True)  # when the client declined to have a plan
    refusal_note = models.CharField(max_length=2000, blank=True)
    check_ins_refused = models.BooleanField(default=False)
    first_checkup_on = models.DateField(null=True)  # the organization's local day
    peer_offer = models.CharField(max_length=8, choices=PeerOffer.choices, blank=True)

    objects = ContinuingCarePlanQuerySet.as_manager()

    class Meta:
        constraints = [
            *ChartEntry.Meta.constraints,
            # one plan per episode, whoever writes it first; later versions amend it
            models.UniqueConstraint(
                fields=["episode"], condition=Q(supersedes__isnull=True), name="chart_plan_one_per_episode"
            ),
            # G11: a plan says something; a refusal is documented, and what was refused was not given
            models.CheckConstraint(
                condition=(Q(refused_at__isnull=True, refusal_note="") & ~Q(goals=""))
                | (Q(refused_at__isnull=False, given_at__isnull=True) & ~Q(refusal_note="")),
                name="chart_plan_or_refusal",
            ),
            # G11: nothing was given or refused after it was recorded
            models.CheckConstraint(
                condition=(Q(given_at__isnull=True) | Q(given_at__lte=F("recorded_at")))
                & (Q(refused_at__isnull=True) | Q(refused_at__lte=F("recorded_at"))),
                name="chart_plan_in_the_past",
            ),
            # G9: an offer of ours
            models.CheckConstraint(
                condition=Q(peer_offer="") | Q(peer_offer__in=PeerOffer.values), name="chart_plan_offer_known"
            ),
        ]
        indexes = [
            # reader: one client's plans, latest first
            models.Index(fields=["client", "-recorded_at", "-id"], name="chart_plan_by_client"),
            # reader: the plan in force of an episode (G9, G11)
            models.Index(fields=["episode", "-recorded_at", "-id"], name="chart_plan_by_episode"),
        ]
