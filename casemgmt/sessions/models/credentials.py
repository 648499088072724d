"""What entitles staff to hold sessions, and who allowed it when that had lapsed (PEER-04). No client data."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization, User
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from casemgmt.sessions.note_querysets import CredentialOverrideQuerySet, CredentialQuerySet
from casemgmt.sessions.note_words import CredentialKind

LONGEST_OVERRIDE_DAYS = 90


class Credential(models.Model):
    """A credential as somebody recorded it. The last one recorded of a person in an organization holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=CredentialKind.choices)
    number = models.CharField(max_length=40, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField()  # the last day it is good for
    supervisor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    needs_cosign = models.BooleanField(default=False)  # notes of this person are co-signed
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=DatabaseNow())
    warned_at = models.DateTimeField(null=True, blank=True)  # when renewing it became work

    objects = CredentialQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=CredentialKind.values), name="credential_kind_known"
            ),  # PEER-04
            # PEER-04: it ends after it began
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True) | Q(expires_on__gte=F("issued_on")), name="credential_dates_fit"
            ),
            # PEER-04: nobody supervises themselves, and whose notes are co-signed has somebody for it
            models.CheckConstraint(
                condition=(Q(supervisor__isnull=True) | ~Q(supervisor=F("user")))
                & (Q(needs_cosign=False) | Q(supervisor__isnull=False)),
                name="credential_supervised",
            ),
        ]
        indexes = [
            # reader: what holds for a person; an organization's list
            models.Index(fields=["organization", "user", "-id"], name="credential_by_person"),
            # reader: the tick that warns before it ends
            models.Index(fields=["expires_on"], name="credential_ending", condition=Q(warned_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"credential {self.pk}"


class CredentialOverride(models.Model):
    """A supervisor lets somebody hold sessions without a good credential: why, and from when until when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    from_date = models.DateField()
    until_date = models.DateField()  # the last day
    reason = models.CharField(max_length=500)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=DatabaseNow())

    objects = CredentialOverrideQuerySet.as_manager()

    class Meta:
        constraints = [
            # PEER-04: for a while, and by somebody else
            models.CheckConstraint(
                condition=Q(until_date__gte=F("from_date"))
                & Q(until_date__lte=F("from_date") + LONGEST_OVERRIDE_DAYS)
                & ~Q(reason="")
                & ~Q(given_by=F("user")),
                name="credential_override_bounded",
            ),
        ]
        indexes = [
            # reader: whether a person's session is allowed on a day
            models.Index(fields=["organization", "user", "until_date"], name="credential_override_by_person"),
        ]

    def __str__(self) -> str:
        return f"credential override {self.pk}"
