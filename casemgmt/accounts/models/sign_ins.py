"""How people come in: keys, second factors, recovery codes, and the counts of guesses. Secrets only as hashes."""

from __future__ import annotations

from django.db import models

from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from casemgmt.kernel.models import Entity

from ..querysets import FactorQuerySet, SignInQuerySet
from .people import Organization, User


class Carrier(models.TextChoices):
    """What carries the key of a sign-in. A key of one kind opens nothing through the other."""

    BROWSER = "browser"  # the session cookie
    PROGRAM = "program"  # Authorization: Bearer


class ApiToken(Entity):
    """One sign-in of a person for one organization: a hashed, expiring key in a browser's cookie or in a program.

    It ends by being revoked, by lying idle and at `expires_at`; each is judged anew at every request (S3, HIP-03).
    """

    digest = models.CharField(max_length=64, editable=False)  # SHA-256 of the secret; the secret is shown once
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    carrier = models.CharField(max_length=8, choices=Carrier.choices, default=Carrier.PROGRAM)
    label = models.CharField(max_length=60, blank=True)
    address = models.GenericIPAddressField(null=True)  # where the sign-in came from; null: unknown
    agent = models.CharField(max_length=40, blank=True)  # shortened to "Firefox on Windows"
    last_used_at = models.DateTimeField(db_default=DatabaseNow())  # to the minute
    second_factor_at = models.DateTimeField(null=True, blank=True)  # null: only the password was shown so far
    challenge = models.JSONField(null=True, blank=True)  # what a security key was asked to sign last
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        constraints = [
            # reader: the login check of every request
            models.UniqueConstraint(fields=["digest"], name="token_one_per_digest"),
            # a key is carried by a cookie or by a header
            models.CheckConstraint(condition=models.Q(carrier__in=Carrier.values), name="token_carrier_known"),
        ]


class GuessCount(models.Model):
    """How often somebody tried within a window. The key is a keyed hash: neither name nor address can be read."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [
            # reader: forget_old_guesses
            models.Index(fields=["ends_at"], name="guess_count_by_end"),
        ]

    def __str__(self) -> str:
        return "guess count"


class FactorKind(models.TextChoices):
    """What a person shows besides the password."""

    TOTP = "totp"  # a one-time code of an app (RFC 6238)
    SECURITY_KEY = "security_key"  # WebAuthn


class Factor(Entity):
    """A second factor of a person (HIP-03). Unconfirmed until its first use, and then asked for at every sign-in."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="factors")
    kind = models.CharField(max_length=12, choices=FactorKind.choices)
    label = models.CharField(max_length=60, blank=True)
    secret = models.TextField(blank=True)  # totp: encrypted
    last_step = models.BigIntegerField(default=0)  # totp: the time step of the last code taken; no code is taken twice
    credential = models.BinaryField(default=bytes)  # security key: its id and public key (COSE)
    signatures = models.PositiveBigIntegerField(default=0)  # security key: its own counter, where it keeps one
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = FactorQuerySet.as_manager()

    class Meta:
        constraints = [
            # one app at a time, and one being set up
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(kind="totp", confirmed_at__isnull=False),
                name="factor_one_totp",
            ),
            models.UniqueConstraint(  # enrolling anew replaces what was begun
                fields=["user"], condition=models.Q(confirmed_at__isnull=True), name="factor_one_begun"
            ),
            # one key belongs to one person
            models.UniqueConstraint(
                fields=["credential"], condition=models.Q(kind="security_key"), name="factor_one_per_security_key"
            ),
            # a factor is one of ours
            models.CheckConstraint(condition=models.Q(kind__in=FactorKind.values), name="factor_kind_known"),
        ]


class RecoveryCode(models.Model):
    """One of ten codes for the day the second factor is lost. Used once; only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # reader: the check of a code
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once"),
        ]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
