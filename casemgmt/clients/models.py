"""The people helped, and the ways to reach them. A phone number stands here and nowhere else."""

from __future__ import annotations

from django.db import models

from casemgmt.accounts.models import Organization
from casemgmt.kernel.models import Entity

from .querysets import ClientQuerySet, ContactPointQuerySet


class Client(Entity):
    """A person in recovery whom an organization cares for."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    birth_date = models.DateField(null=True, blank=True)  # None: unknown
    language = models.CharField(max_length=35, blank=True)  # BCP 47; empty: not asked
    residence_state = models.CharField(max_length=2, blank=True)  # US postal code; empty: unknown (SMS-32)
    city = models.CharField(max_length=100, blank=True)
    timezone = models.CharField(max_length=64, blank=True)  # IANA name; empty: derived (SMS-32)
    deceased = models.BooleanField(default=False)
    deceased_on = models.DateField(null=True, blank=True)  # None: date unknown, or alive
    source_system = models.CharField(max_length=200, blank=True)
    source_id = models.CharField(max_length=100, blank=True)  # the id there; an import is idempotent by it

    objects = ClientQuerySet.as_manager()

    class Meta:
        constraints = [
            # F15: an import is idempotent by source id within one organization
            models.UniqueConstraint(
                fields=["organization", "source_system", "source_id"],
                condition=~models.Q(source_id=""),
                name="client_one_per_source_id",
            ),
            # T17: a date of death belongs to the dead
            models.CheckConstraint(
                condition=models.Q(deceased=True) | models.Q(deceased_on__isnull=True), name="client_death_has_flag"
            ),
        ]
        indexes = [
            # reader: the client list, by family name
            models.Index(fields=["organization", "family_name", "given_name", "id"], name="client_by_name"),
            # reader: the import's look for the same person under another id
            models.Index(fields=["organization", "family_name", "birth_date"], name="client_same_person"),
        ]


class ContactKind(models.TextChoices):
    """How a contact point reaches the client."""

    PHONE = "phone"
    EMAIL = "email"


class ContactStatus(models.TextChoices):
    """What we know of a contact point."""

    UNVERIFIED = "unverified"  # well-formed, nobody answered from it yet
    VALID = "valid"  # answered from it, or confirmed by the client
    INVALID = "invalid"  # no carrier owns it, or the carrier said so (SMS-72)
    NOT_MOBILE = "not_mobile"  # cannot take texts (SMS-72)


class ContactPoint(Entity):
    """One number or address of a client. The only row that holds it; its `str` and its log form never show it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contact_points")
    kind = models.CharField(max_length=8, choices=ContactKind.choices)
    value = models.CharField(max_length=254)  # E.164 for phones that parse, else as it was given
    status = models.CharField(max_length=12, choices=ContactStatus.choices, default=ContactStatus.UNVERIFIED)
    preferred = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True)  # the client gave it up

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        constraints = [
            # a client lists a number once
            models.UniqueConstraint(
                fields=["client", "kind", "value"],
                condition=models.Q(ended_at__isnull=True),
                name="contact_point_once",
            ),
            # SMS-03: texts go to one number of the client, the preferred one
            models.UniqueConstraint(
                fields=["client", "kind"],
                condition=models.Q(preferred=True, ended_at__isnull=True),
                name="contact_point_one_preferred",
            ),
            models.CheckConstraint(  # SMS-72
                condition=models.Q(status__in=ContactStatus.values), name="contact_point_status_known"
            ),
            models.CheckConstraint(  # a kind is one of ours
                condition=models.Q(kind__in=ContactKind.values), name="contact_point_kind_known"
            ),
        ]
        indexes = [
            # reader: an inbound text, "whose number is this" (CHK-04)
            models.Index(fields=["value"], name="contact_point_by_value", condition=models.Q(ended_at__isnull=True)),
        ]
