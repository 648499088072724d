"""Programs that come in by themselves: accounts without login or roles, and the tokens they carry. No people."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from casemgmt.kernel.models import Entity

from ..querysets import ServiceQuerySet
from .people import Organization


class ServiceAccount(Entity):
    """A program of an organization. It holds no role; what it may do stands in its tokens' scopes."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    disabled_at = models.DateTimeField(null=True, blank=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        constraints = [
            # HIP-03: whoever acts is told apart by name
            models.UniqueConstraint(fields=["organization", "name"], name="service_account_one_per_name"),
        ]


class ServiceToken(Entity):
    """A hashed, scoped key of a service account that ends within a quarter."""

    digest = models.CharField(max_length=64, editable=False)  # SHA-256 of the secret; the secret is shown once
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")  # its account's
    account = models.ForeignKey(ServiceAccount, on_delete=models.PROTECT, related_name="tokens")
    scopes = ArrayField(models.CharField(max_length=40))
    addresses = ArrayField(models.CharField(max_length=43), default=list)  # networks it may come from; empty: any
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)  # to the minute
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        constraints = [
            # reader: the login check of every request
            models.UniqueConstraint(fields=["digest"], name="service_token_one_per_digest"),
            models.CheckConstraint(  # no key without a scope
                condition=models.Q(scopes__len__gte=1), name="service_token_has_scope"
            ),
        ]
        indexes = [
            # reader: an organization's list of its tokens
            models.Index(fields=["organization", "-id"], name="service_token_by_organization"),
        ]
