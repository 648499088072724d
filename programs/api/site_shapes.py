"""Shapes of sites. A street leaves only where it is published, or to who keeps it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from programs.models import Site
from programs.querysets import is_residence
from programs.services.running import RUNS_THE_DIRECTORY


class SiteFieldsIn(StrictSerializer):
    """What may be told of a site."""

    street = serializers.CharField(max_length=300, required=False, allow_blank=True)
    street_published = serializers.BooleanField(required=False, help_text="Refused where somebody lives.")
    postal_code = serializers.CharField(max_length=20, required=False, allow_blank=True)
    city = serializers.CharField(max_length=100, required=False, allow_blank=True)
    state = serializers.CharField(max_length=100, required=False, allow_blank=True)
    timezone = serializers.CharField(max_length=64, required=False, help_text="IANA name")
    phones = serializers.ListField(child=serializers.CharField(max_length=20), required=False, max_length=10)
    languages = serializers.ListField(child=serializers.CharField(max_length=35), required=False, max_length=50)
    accessibility = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class SiteIn(SiteFieldsIn):
    """A new site of one's own organization."""

    name = serializers.CharField(max_length=200)


class SiteChangesIn(SiteFieldsIn):
    """What shall change of a site."""

    name = serializers.CharField(max_length=200, required=False)


class SitesIn(PageIn):
    """Filters of the list of sites."""

    organization = serializers.UUIDField(required=False)


class ProgramSiteOut(serializers.ModelSerializer[Site]):
    """Where a program is found. City and state; of a place where somebody lives no name, which may be its address."""

    name = serializers.SerializerMethodField()

    class Meta:
        model = Site
        fields = ("id", "name", "city", "state", "timezone")

    def get_name(self, site: Site) -> str:
        """Return the name of a place where nobody lives (CLN-10)."""
        return "" if is_residence(site) else site.name


class SiteOut(serializers.ModelSerializer[Site]):
    """One site. Street and postal code null: not published. A residence shows its city and no name."""

    name = serializers.SerializerMethodField()
    street = serializers.SerializerMethodField()
    postal_code = serializers.SerializerMethodField()

    class Meta:
        model = Site
        fields = (
            *("id", "organization_id", "name", "street", "street_published", "postal_code", "city", "state"),
            *("timezone", "phones", "languages", "accessibility", "hsds_id", "version"),
        )

    def get_name(self, site: Site) -> str:
        """Return the name, unless it may be somebody's address (CLN-10)."""
        return "" if is_residence(site) and not self._keeps(site) else site.name

    def get_street(self, site: Site) -> str | None:
        """Return the street to whom it is shown."""
        return site.street if self._tells(site) else None

    def get_postal_code(self, site: Site) -> str | None:
        """Return the postal code, which is shown with the street."""
        return site.postal_code if self._tells(site) else None

    def _tells(self, site: Site) -> bool:
        published = site.street_published and not is_residence(site)
        return published or self._keeps(site)

    def _keeps(self, site: Site) -> bool:
        actor: Any = self.context["actor"]
        return bool(site.organization_id == actor.organization_id and actor.has_role(*RUNS_THE_DIRECTORY))
