"""The directory: programs. No client data (HSD-01)."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization, User
from casemgmt.kernel.models import Entity
from programs.querysets import ProgramQuerySet
from programs.rules.kinds import Kind, Modality, ProgramStatus
from programs.rules.levels import allowed_levels
from programs.rules.listing import OLDEST, Payer, Population
from programs.rules.residences import NarrLevel, narr_type

from .site import Site


class Program(Entity):
    """Something an organization offers: intensive outpatient, therapy, peer support, a residence, aftercare, other."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="programs")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=ProgramStatus.choices, default=ProgramStatus.ACTIVE)
    published = models.BooleanField(default=False)
    level_of_care_edition = models.PositiveSmallIntegerField(null=True, blank=True)  # None: no level given
    level_of_care_code = models.CharField(max_length=4, blank=True)
    narr_level = models.CharField(max_length=3, blank=True, choices=NarrLevel.choices)  # empty: not told
    narr_certified = models.BooleanField(null=True, blank=True)  # None: unknown
    certifying_affiliate = models.CharField(max_length=200, blank=True)
    certificate_expires = models.DateField(null=True, blank=True)
    accepts_moud = models.BooleanField(null=True, blank=True)  # None: unknown, which is not "no"
    modalities = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    timezone = models.CharField(max_length=64, default="UTC")  # IANA name
    languages = ArrayField(models.CharField(max_length=35), default=list, blank=True)  # BCP 47
    eligibility = models.TextField(blank=True)
    minimum_age = models.PositiveSmallIntegerField(null=True, blank=True)  # None: no bound told
    maximum_age = models.PositiveSmallIntegerField(null=True, blank=True)
    populations = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    fees = models.TextField(blank=True)
    payers = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    interpretation = models.TextField(blank=True)
    application_process = models.TextField(blank=True)
    phone = models.CharField(max_length=20, blank=True)  # whom to call about a place, E.164
    alert = models.TextField(blank=True)  # what everybody must know first
    waitlist_only = models.BooleanField(default=False)  # takes people, but from its waitlist (§7)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=100, blank=True)  # as the directory spells it
    capacity_total = models.PositiveIntegerField(null=True, blank=True)  # None: unknown, so nothing is refused for it
    capacity_confirmed_at = models.DateTimeField(null=True, blank=True)  # when somebody last said so
    capacity_confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    places_taken = models.PositiveIntegerField(default=0)  # written by one statement only, services/places.py
    places_over = models.PositiveIntegerField(default=0)  # beyond capacity by a supervisor's word (G6), counted apart
    house_rules_hash = models.CharField(max_length=64, blank=True)  # SHA-256 of the rules in force; empty: not told
    sites = models.ManyToManyField(Site, related_name="programs", blank=True)
    hsds_id = models.CharField(max_length=64, null=True, blank=True)
    assured_date = models.DateField(null=True, blank=True)  # when the listing was last checked
    assurer_email = models.EmailField(blank=True)  # by whom
    extra = models.JSONField(default=dict, blank=True)  # what a directory said that has no column (HSD-02)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        constraints = [
            # HSD-02: an import is idempotent by HSDS id
            models.UniqueConstraint(fields=["hsds_id"], name="program_one_per_hsds_id"),
            # a kind is one of ours: guards compare it with stages (G6)
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="program_kind_known"),
            models.CheckConstraint(condition=Q(status__in=ProgramStatus.values), name="program_status_known"),  # §7
            # rules.md 3.1: a code belongs to its edition and fits the kind
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    [Q(level_of_care_edition__isnull=True, level_of_care_code="")]
                    + [
                        Q(kind=kind, level_of_care_edition=edition, level_of_care_code=code)
                        for kind, edition, code in allowed_levels()
                    ],
                ),
                name="program_level_fits",
            ),
            # CLN-10: only a residence has a level of NARR, and there are four
            models.CheckConstraint(
                condition=Q(narr_level="") | Q(kind=Kind.SOBER_LIVING, narr_level__in=NarrLevel.values),
                name="program_narr_level_fits",
            ),
            # CLN-10, G8: only a residence has house rules, and they are known by their SHA-256
            models.CheckConstraint(
                condition=Q(house_rules_hash="") | Q(kind=Kind.SOBER_LIVING, house_rules_hash__regex=r"^[0-9a-f]{64}$"),
                name="program_house_rules_fit",
            ),
            # rules.md 3.4: only therapy has modalities, and their labels are ours
            models.CheckConstraint(
                condition=Q(modalities=[]) | Q(kind=Kind.THERAPY, modalities__contained_by=Modality.values),
                name="program_modalities_fit",
            ),
            # §7: ages are those of people, the lower one first
            models.CheckConstraint(
                condition=(Q(minimum_age__isnull=True) | Q(minimum_age__lte=OLDEST))
                & (Q(maximum_age__isnull=True) | Q(maximum_age__lte=OLDEST))
                & (Q(minimum_age__isnull=True) | Q(maximum_age__isnull=True) | Q(minimum_age__lte=F("maximum_age"))),
                name="program_ages_fit",
            ),
            # §7: a search compares words of ours
            models.CheckConstraint(
                condition=Q(populations__contained_by=Population.values) & Q(payers__contained_by=Payer.values),
                name="program_words_known",
            ),
            # F5: what nobody knows, nobody confirmed
            models.CheckConstraint(
                condition=Q(capacity_total__isnull=False) | Q(capacity_confirmed_at__isnull=True),
                name="program_capacity_confirmed",
            ),
            # F5: never more people than places, however many ask at once
            models.CheckConstraint(
                condition=Q(capacity_total__isnull=True) | Q(places_taken__lte=F("capacity_total")),
                name="program_places_fit",
            ),
        ]
        indexes = [
            # reader: the directory, by name
            models.Index(fields=["name", "id"], name="program_by_name"),
            # reader: the directory, one kind; a search by need, which is for one kind
            models.Index(fields=["kind", "name", "id"], name="program_by_kind"),
            # reader: the directory, one organization
            models.Index(fields=["organization", "name", "id"], name="program_by_organization"),
            # reader: the directory, residences of one level
            models.Index(
                fields=["narr_level", "name", "id"], name="program_by_narr_level", condition=~Q(narr_level="")
            ),
            # reader: the directory, therapy by modality
            GinIndex(fields=["modalities"], name="program_by_modality"),
        ]

    @property
    def narr_type(self) -> str:
        """The NARR type that the level stands for (P, M, S, C), empty without a level."""
        return narr_type(self.narr_level)

    @property
    def places_open(self) -> int | None:
        """How many more people may come; None: unknown. Who came beyond capacity leaves none open."""
        if self.capacity_total is None:
            return None
        return max(self.capacity_total - self.places_taken - self.places_over, 0)
