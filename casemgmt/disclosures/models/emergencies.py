"""Disclosures in a medical emergency, and what was told in them (P2-60, P2-61)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.consent.models import Disclosure
from casemgmt.disclosures.querysets import EmergencyContentQuerySet, EmergencyDisclosureQuerySet
from casemgmt.disclosures.words import MEDICAL, EmergencyOutcome, RecipientKind
from casemgmt.kernel.models import Entity


class EmergencyDisclosure(Entity):
    """What medical personnel were told without a consent; closed once the facts of §2.51(c) are there."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="emergency_disclosures")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    disclosure = models.OneToOneField(Disclosure, on_delete=models.PROTECT, related_name="+")
    recipient_kind = models.CharField(max_length=24, choices=RecipientKind.choices)
    personnel_name = models.CharField(max_length=200, blank=True)
    facility = models.CharField(max_length=200, blank=True)
    discloser_name = models.CharField(max_length=200, blank=True)
    disclosed_at = models.DateTimeField(null=True)
    nature = models.TextField(blank=True)
    categories = ArrayField(models.CharField(max_length=24))
    restriction_overridden = models.BooleanField(default=False)  # of something the client wanted kept back (P2-50)
    redisclosure_request_at = models.DateTimeField(null=True)  # when the provider was asked not to pass it on
    opened_by = models.UUIDField(null=True)
    facts_due_at = models.DateTimeField()
    climbed_at = models.DateTimeField(null=True)  # told as overdue to the privacy officers
    climbed_higher_at = models.DateTimeField(null=True)  # and to the supervisors
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.UUIDField(null=True)
    outcome = models.CharField(max_length=16, blank=True, choices=EmergencyOutcome.choices)
    remark = models.TextField(blank=True)

    objects = EmergencyDisclosureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(  # P2-60: only medical personnel
                condition=Q(recipient_kind__in=sorted(MEDICAL)), name="emergency_to_medical_personnel"
            ),
            models.CheckConstraint(  # P2-60: only what was necessary, and that is named
                condition=Q(categories__len__gt=0), name="emergency_of_something"
            ),
            # P2-61: nothing is closed without the four facts
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                | (
                    ~Q(personnel_name="")
                    & ~Q(facility="")
                    & ~Q(discloser_name="")
                    & Q(disclosed_at__isnull=False)
                    & ~Q(nature="")
                ),
                name="emergency_closed_with_facts",
            ),
            # P2-50: whoever was told against a restriction was asked not to pass it on
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                | Q(restriction_overridden=False)
                | Q(redisclosure_request_at__isnull=False),
                name="emergency_closed_asked",
            ),
            # P2-61: judged once it is whole, with an outcome
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, outcome="")
                | Q(reviewed_at__isnull=False, closed_at__isnull=False, outcome__in=EmergencyOutcome.values),
                name="emergency_reviewed_whole",
            ),
        ]
        indexes = [
            # reader: one client's emergencies, newest first
            models.Index(fields=["client", "-id"], name="emergency_by_client"),
            # reader: an organization's emergencies, newest first; the privacy officer's list
            models.Index(fields=["organization", "-id"], name="emergency_by_organization"),
            # reader: the sweep of those whose facts are overdue
            models.Index(fields=["facts_due_at"], name="emergency_unfinished", condition=Q(closed_at__isnull=True)),
        ]


class EmergencyContent(models.Model):
    """The words and facts that were told in an emergency. Never changed."""

    emergency = models.OneToOneField(
        EmergencyDisclosure, on_delete=models.PROTECT, primary_key=True, related_name="content"
    )
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    packet = models.JSONField()
    packet_sha256 = models.CharField(max_length=64)

    objects = EmergencyContentQuerySet.as_manager()

    def __str__(self) -> str:
        return f"emergency content {self.pk}"
