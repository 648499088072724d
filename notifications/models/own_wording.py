"""An organization's own wordings of its texts: versions that never change, and who approved each (SMS-42)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from notifications.wording import Key, Language, Template
from notifications.wording_querysets import OwnWordingQuerySet

LONGEST = 320  # before its slots are filled; the text itself must fit one segment


class OwnWording(models.Model):
    """One version of a wording in one language. A changed text is a new row; only its end is written into it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=32, choices=[(each.value, each.value) for each in Key])
    language = models.CharField(max_length=2, choices=[(each.value, each.value) for each in Language])
    number = models.PositiveIntegerField()
    text = models.CharField(max_length=LONGEST)
    written_by = models.UUIDField()
    written_at = models.DateTimeField(db_default=DatabaseNow())
    ended_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = OwnWordingQuerySet.as_manager()

    class Meta:
        constraints = [
            # SMS-42: a version is named once
            models.UniqueConstraint(fields=["organization", "key", "language", "number"], name="own_wording_once"),
            # rules.md 2.4: texts for which there is a set
            models.CheckConstraint(condition=Q(key__in=[each.value for each in Key]), name="own_wording_key_known"),
            # SMS-42: languages we have an order of fallback for
            models.CheckConstraint(
                condition=Q(language__in=[each.value for each in Language]), name="own_wording_language_known"
            ),
        ]
        indexes = [
            # reader: the list of an organization's wordings, newest first
            models.Index(fields=["organization", "-id"], name="own_wording_by_organization"),
        ]

    def __str__(self) -> str:
        return f"own wording {self.pk}"

    @property
    def as_template(self) -> Template:
        """Return it as what texts are made of."""
        return Template(Key(self.key), Language(self.language), self.number, self.text, own=True)


class Part(models.TextChoices):
    """For whom an approval stands: both must have given theirs (SMS-42)."""

    CLINICIAN = "clinician"  # a therapist or a supervisor
    PRIVACY = "privacy"  # a privacy officer


class WordingApproval(models.Model):
    """Somebody read a version and said yes. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    wording = models.ForeignKey(OwnWording, on_delete=models.PROTECT, related_name="approvals")
    part = models.CharField(max_length=9, choices=Part.choices)
    approved_by = models.UUIDField()
    at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            # SMS-42: each part once, and two people, whatever roles one of them holds
            models.UniqueConstraint(fields=["wording", "part"], name="wording_approval_once_a_part"),
            models.UniqueConstraint(fields=["wording", "approved_by"], name="wording_approval_two_people"),
            models.CheckConstraint(condition=Q(part__in=Part.values), name="wording_approval_part_known"),  # SMS-42
        ]

    def __str__(self) -> str:
        return f"wording approval {self.pk}"
