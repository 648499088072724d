"""Restrictions that a client asks for, and what the program answered (P2-50)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.consent.querysets import RestrictionRequestQuerySet
from casemgmt.consent.words import RestrictionDecision, RestrictionKind, TerminationBasis
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.models import Entity


class RestrictionRequest(Entity):
    """A client asks an organization not to disclose something; agreed to, it stands before every disclosure.

    Nobody named, neither `recipient_id` nor `recipient_classes`: to nobody at all. No `purposes`: for none.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="restriction_requests")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=RestrictionKind.choices)
    recipient_id = models.UUIDField(null=True)
    recipient_classes = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    categories = ArrayField(models.CharField(max_length=24))
    purposes = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    scope = models.TextField()  # in the client's words
    requested_at = models.DateTimeField(db_default=DatabaseNow())
    requested_by = models.UUIDField(null=True)  # who wrote it down
    decision = models.CharField(max_length=8, choices=RestrictionDecision.choices, default=RestrictionDecision.PENDING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    reason = models.TextField(blank=True)  # of the decision
    effective_from = models.DateTimeField(null=True)
    terminated_at = models.DateTimeField(null=True)
    terminated_by = models.UUIDField(null=True)
    termination_basis = models.CharField(max_length=16, blank=True, choices=TerminationBasis.choices)
    termination_note = models.TextField(blank=True)

    objects = RestrictionRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(  # P2-50: something is restricted
                condition=Q(categories__len__gt=0), name="restriction_request_of_something"
            ),
            # P2-50: an answer has its moment, and an agreement the day from which it holds
            models.CheckConstraint(
                condition=Q(decision=RestrictionDecision.PENDING, decided_at__isnull=True, effective_from__isnull=True)
                | Q(decision=RestrictionDecision.AGREED, decided_at__isnull=False, effective_from__isnull=False)
                | Q(decision=RestrictionDecision.DECLINED, decided_at__isnull=False, effective_from__isnull=True),
                name="restriction_request_decided",
            ),
            # P2-50, §2.26(a)(6): paid in full is agreed to
            models.CheckConstraint(
                condition=~Q(kind=RestrictionKind.PAID_IN_FULL, decision=RestrictionDecision.DECLINED),
                name="restriction_request_paid_agreed",
            ),
            # P2-50: an end has its basis, and only what was agreed to ends
            models.CheckConstraint(
                condition=Q(terminated_at__isnull=True, termination_basis="")
                | Q(
                    terminated_at__isnull=False,
                    termination_basis__in=TerminationBasis.values,
                    decision=RestrictionDecision.AGREED,
                ),
                name="restriction_request_ended",
            ),
            # P2-50: the program does not end by itself what was paid in full
            models.CheckConstraint(
                condition=~Q(kind=RestrictionKind.PAID_IN_FULL, termination_basis=TerminationBasis.PROGRAM_INFORMED),
                name="restriction_request_paid_kept",
            ),
        ]
        indexes = [
            # reader: one client's requests, newest first; what restricts a disclosure, before each
            models.Index(fields=["client", "organization", "-id"], name="restriction_request_by_client"),
        ]
