"""Disclosures by word of mouth (P2-32)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.consent.models import Disclosure
from casemgmt.disclosures.querysets import OralDisclosureQuerySet
from casemgmt.disclosures.words import StatementHow
from casemgmt.kernel.models import Entity


class OralDisclosure(Entity):
    """What was said to a recipient under a consent; incomplete until the statement of §2.32 was read or sent."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="oral_disclosures")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    disclosure = models.OneToOneField(Disclosure, on_delete=models.PROTECT, related_name="+")
    spoken_by = models.UUIDField(null=True)
    statement_how = models.CharField(max_length=8, blank=True, choices=StatementHow.choices)
    statement_at = models.DateTimeField(null=True)
    statement_by = models.UUIDField(null=True)

    objects = OralDisclosureQuerySet.as_manager()

    class Meta:
        constraints = [
            # P2-32: a statement was given somehow, at some time
            models.CheckConstraint(
                condition=Q(statement_how="", statement_at__isnull=True)
                | Q(statement_how__in=StatementHow.values, statement_at__isnull=False),
                name="oral_statement_told",
            ),
        ]
        indexes = [
            # reader: one client's spoken disclosures, newest first
            models.Index(fields=["client", "organization", "-id"], name="oral_by_client"),
        ]

    @property
    def status(self) -> str:
        """`incomplete` until the statement was read or sent, then `complete`."""
        return "complete" if self.statement_how else "incomplete"
