"""What an organization set of which enrollments may run together, each change as one row (STG-01, F1)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization, User
from casemgmt.kernel.clock import DatabaseNow
from programs.querysets import CombinationRuleQuerySet
from programs.rules.combinations import Combination, Relation
from programs.rules.kinds import Kind


class CombinationRule(models.Model):
    """An organization set one rule, or set it aside (`in_force` False). The last row of a name holds."""

    seq = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    relation = models.CharField(max_length=12, choices=Relation.choices)
    kinds = ArrayField(models.CharField(max_length=16))
    sentence = models.CharField(max_length=300)  # shown to whoever is refused
    in_force = models.BooleanField(default=True)
    reason = models.CharField(max_length=500)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=DatabaseNow())
    request_id = models.CharField(max_length=64, blank=True)

    objects = CombinationRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            # STG-01: a rule is about kinds of ours
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values, kinds__contained_by=Kind.values) & ~Q(kinds=[]),
                name="combination_kinds_known",
            ),
            models.CheckConstraint(  # STG-01: a relation is one of the two
                condition=Q(relation__in=Relation.values), name="combination_relation_known"
            ),
            # whoever is refused is told which rule and why; a rule is never changed without saying why
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(sentence="") & ~Q(reason=""), name="combination_says_why"
            ),
        ]
        indexes = [
            # reader: an organization's rules in force
            models.Index(fields=["organization", "name", "-seq"], name="combination_in_force"),
            # reader: the history of an organization's rules, newest first
            models.Index(fields=["organization", "-seq"], name="combination_newest"),
        ]

    def __str__(self) -> str:
        return f"combination rule {self.seq}"

    @property
    def rule(self) -> Combination:
        """The rule as judges take it."""
        return Combination(self.name, self.kind, self.relation, tuple(self.kinds), self.sentence)
