"""Organizations, and the people who work there with their roles. No client data."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from casemgmt.kernel.ids import new_id
from casemgmt.kernel.models import Entity

from ..querysets import MembershipQuerySet, OrganizationQuerySet
from ..roles import Role


class Part2Status(models.TextChoices):
    """Whether 42 CFR Part 2 binds the organization (P2-01)."""

    PART2_PROGRAM = "part2_program"
    LAWFUL_HOLDER = "lawful_holder"
    NOT_PART2 = "not_part2"


class HipaaStatus(models.TextChoices):
    """What the organization is under HIPAA (P2-01)."""

    COVERED_ENTITY = "covered_entity"
    BUSINESS_ASSOCIATE = "business_associate"
    NEITHER = "neither"


class Organization(Entity):
    """A provider of care. One that only stands in the directory has `joined=False` and nobody who logs in."""

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    joined = models.BooleanField(default=True)
    timezone = models.CharField(max_length=64, default="UTC")  # IANA name
    phone = models.CharField(max_length=20, blank=True)  # the public number, E.164
    email = models.EmailField(blank=True)
    sms_alias = models.CharField(max_length=30, blank=True)  # neutral sender name (SMS-40)
    part2_status = models.CharField(
        max_length=16,
        choices=Part2Status.choices,
        default=Part2Status.PART2_PROGRAM,  # fail closed (P2-02)
    )
    hipaa_status = models.CharField(max_length=20, choices=HipaaStatus.choices, default=HipaaStatus.COVERED_ENTITY)
    hsds_id = models.CharField(max_length=64, null=True, blank=True)  # the id in the directory it came from (HSD-02)
    extra = models.JSONField(default=dict, blank=True)  # what the directory said that we have no column for (HSD-02)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints = [
            # HSD-02: an import is idempotent by HSDS id
            models.UniqueConstraint(fields=["hsds_id"], name="organization_one_per_hsds_id"),
            # P2-01, P2-02
            models.CheckConstraint(
                condition=models.Q(part2_status__in=Part2Status.values), name="organization_part2_known"
            ),
            models.CheckConstraint(  # P2-01
                condition=models.Q(hipaa_status__in=HipaaStatus.values), name="organization_hipaa_known"
            ),
        ]
        indexes = [
            # reader: the directory's list of organizations, by name
            models.Index(fields=["name", "id"], name="organization_by_name"),
        ]


class UserManager(BaseUserManager["User"]):
    """Creates people."""

    def create_user(self, *, email: str, name: str, password: str | None = None, **fields: Any) -> User:
        """Return a new person with a hashed password; None makes an account that cannot log in by password."""
        user = self.model(email=email.lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A member of staff. What they may do hangs on their memberships, nothing on the account itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)  # lower case
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            # HIP-03: unique user ids; letter case does not make another person
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return f"user {self.pk}"


class Membership(Entity):
    """A role somebody holds in an organization. Ending it bites at the next request."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            # a role is held once at a time
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                condition=models.Q(ended_at__isnull=True),
                name="membership_once",
            ),
            # table 1.9: a role is one of ours
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]
        indexes = [
            # reader: routing work to everybody with a role in an organization
            models.Index(fields=["organization", "role"], name="membership_by_role"),
        ]
