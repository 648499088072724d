"""Links that set a password, once: for who is invited, and for who forgot theirs."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from casemgmt.kernel.models import Entity

from ..querysets import InvitationQuerySet
from .people import Organization, User


class Invitation(Entity):
    """A single-use, expiring link bound to one organization. With `user` it resets that person's password."""

    digest = models.CharField(max_length=64, editable=False)  # SHA-256 of the secret; the secret is shown once
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    email = models.EmailField()  # lower case
    name = models.CharField(max_length=200, blank=True)
    roles = ArrayField(models.CharField(max_length=20), default=list)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            # reader: whoever follows the link
            models.UniqueConstraint(fields=["digest"], name="invitation_one_per_digest"),
        ]
        indexes = [
            # reader: an organization's open invitations
            models.Index(fields=["organization", "-id"], name="invitation_by_organization"),
        ]
