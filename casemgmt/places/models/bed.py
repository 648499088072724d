"""Beds of residences and what keeps each from others: a stay or a hold (F5)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.kernel.models import Entity
from casemgmt.places.querysets import BedQuerySet, BedUseQuerySet
from casemgmt.places.words import BedPolicy, BedStatus, BedUseKind, HoldReason, OutOfServiceReason
from programs.models import Enrollment, Program


class Bed(Entity):
    """A bed of a residence. That its program is one is kept by a trigger in the migration."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="beds")
    room = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    policy = models.CharField(max_length=8, choices=BedPolicy.choices, default=BedPolicy.ANYBODY)
    step_free = models.BooleanField(null=True, blank=True)  # None: nobody looked
    status = models.CharField(max_length=14, choices=BedStatus.choices, default=BedStatus.AVAILABLE)
    out_reason = models.CharField(max_length=12, choices=OutOfServiceReason.choices, blank=True)

    objects = BedQuerySet.as_manager()

    class Meta:
        constraints = [
            # CLN-10: a bed is known by its room and name; reader of its index: the beds of a house, by room
            models.UniqueConstraint(fields=["program", "room", "name"], name="bed_one_per_name"),
            # F5: what is out of service says why
            models.CheckConstraint(
                condition=Q(status=BedStatus.AVAILABLE, out_reason="")
                | Q(status=BedStatus.OUT_OF_SERVICE, out_reason__in=OutOfServiceReason.values),
                name="bed_status_fits",
            ),
            models.CheckConstraint(condition=Q(policy__in=BedPolicy.values), name="bed_policy_known"),  # CLN-10
        ]


class BedUse(Entity):
    """From when to when a bed is not for others: somebody stays there, or it is held (for a client, or for nobody).

    Two exclusion constraints in the migration: no bed has two uses at a time, and nobody stays in two at a time.
    """

    bed = models.ForeignKey(Bed, on_delete=models.PROTECT, related_name="uses")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")  # runs the house
    kind = models.CharField(max_length=4, choices=BedUseKind.choices)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, blank=True, related_name="bed_uses")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, null=True, blank=True, related_name="bed_uses")
    reason = models.CharField(max_length=16, choices=HoldReason.choices, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)  # None: until further notice

    objects = BedUseQuerySet.as_manager()

    class Meta:
        constraints = [
            # F5: who stays is enrolled there; a hold says why
            models.CheckConstraint(
                condition=Q(kind=BedUseKind.STAY, client__isnull=False, enrollment__isnull=False, reason="")
                | Q(kind=BedUseKind.HOLD, enrollment__isnull=True, reason__in=HoldReason.values),
                name="bed_use_kind_fits",
            ),
            # nothing ends before it begins; what never came to be ends where it begins
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="bed_use_times_fit"
            ),
        ]
        indexes = [
            # reader: the uses of one bed, newest first; who is in which bed of a house now
            models.Index(fields=["bed", "-id"], name="bed_use_by_bed"),
            # reader: one client's beds, newest first
            models.Index(fields=["client", "-id"], name="bed_use_by_client", condition=Q(client__isnull=False)),
            # reader: the beds of an enrollment that ends
            models.Index(fields=["enrollment", "-id"], name="bed_use_by_enrollment"),
        ]
