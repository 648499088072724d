"""Requests for an accounting of disclosures (P2-56, P2-57)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.consent.models import Disclosure
from casemgmt.consent.words import DisclosureMethod
from casemgmt.disclosures.querysets import AccountingRequestQuerySet
from casemgmt.disclosures.words import Requester
from casemgmt.kernel.models import Entity


class AccountingRequest(Entity):
    """A client, or who acts for them, asks what was disclosed: when, of which period, until when we answer, and how."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="accounting_requests")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    requester = models.CharField(max_length=24, choices=Requester.choices)
    requester_name = models.CharField(max_length=200)  # never logged
    received_at = models.DateTimeField()
    period_from = models.DateTimeField(null=True)  # None: as far back as the law goes
    period_to = models.DateTimeField(null=True)  # None: up to the request
    free = models.BooleanField()  # the first in twelve months
    due_at = models.DateTimeField()
    extended_at = models.DateTimeField(null=True)
    extension_reason = models.TextField(blank=True)
    delivered_at = models.DateTimeField(null=True)
    delivered_by = models.UUIDField(null=True)
    delivery_method = models.CharField(max_length=12, blank=True, choices=DisclosureMethod.choices)
    disclosure = models.OneToOneField(Disclosure, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_by = models.UUIDField(null=True)

    objects = AccountingRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            # P2-57: an extension is written, with its reason
            models.CheckConstraint(
                condition=Q(extended_at__isnull=True, extension_reason="")
                | (Q(extended_at__isnull=False) & ~Q(extension_reason="")),
                name="accounting_extension_told",
            ),
            # P2-57: a delivery has its way and stands in the ledger
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True, delivery_method="", disclosure__isnull=True)
                | (Q(delivered_at__isnull=False, disclosure__isnull=False) & ~Q(delivery_method="")),
                name="accounting_delivery_whole",
            ),
            models.CheckConstraint(  # P2-56: a period runs forwards
                condition=Q(period_from__isnull=True) | Q(period_to__isnull=True) | Q(period_from__lt=F("period_to")),
                name="accounting_period_forwards",
            ),
        ]
        indexes = [
            # reader: one client's requests, newest first; whether one was made in the last twelve months
            models.Index(fields=["client", "organization", "-id"], name="accounting_by_client"),
        ]
