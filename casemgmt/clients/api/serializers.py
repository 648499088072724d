"""Shapes of clients and their contact points; what a role need not know is left out (P2-41)."""

from __future__ import annotations

import zoneinfo
from typing import Any

from rest_framework import serializers

from casemgmt.accounts.roles import Role
from casemgmt.api.projection import Projected
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.clients.models import Client, ContactKind, ContactPoint
from casemgmt.clients.states import US_STATES

# Table 1.9, notes 1 and 2: what peers and house managers need not know of a person.
NARROW_ROLES = frozenset({Role.PEER_SPECIALIST.value, Role.HOUSE_MANAGER.value})
NARROW_HIDES = ("birth_date", "source_system", "source_id", "deceased_on")


def known_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone."""
    if name and name not in zoneinfo.available_timezones():
        raise serializers.ValidationError("This is not an IANA time zone, such as America/Chicago.")


class ClientFieldsIn(StrictSerializer):
    """What is known of a person. Empty text means: not known."""

    birth_date = serializers.DateField(required=False, allow_null=True)
    language = serializers.RegexField(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35, required=False)
    residence_state = serializers.ChoiceField(choices=US_STATES, required=False, allow_blank=True)
    city = serializers.CharField(max_length=100, required=False, allow_blank=True)
    timezone = serializers.CharField(
        max_length=64, required=False, allow_blank=True, validators=[known_zone], help_text="IANA name"
    )


class ClientIn(ClientFieldsIn):
    """A new client."""

    given_name = serializers.CharField(max_length=100)
    family_name = serializers.CharField(max_length=100)
    phone = serializers.CharField(max_length=30, required=False)
    email = serializers.EmailField(max_length=254, required=False)


class ClientChangesIn(ClientFieldsIn):
    """What shall change of a client."""

    given_name = serializers.CharField(max_length=100, required=False)
    family_name = serializers.CharField(max_length=100, required=False)


class ContactPointIn(StrictSerializer):
    """A number or address to add."""

    kind = serializers.ChoiceField(choices=ContactKind.choices)
    value = serializers.CharField(max_length=254)
    preferred = serializers.BooleanField(required=False, default=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an e-mail address that is none."""
        if attrs["kind"] == ContactKind.EMAIL:
            serializers.EmailField().run_validation(attrs["value"])
        return attrs


class DeathIn(StrictSerializer):
    """A death learned outside the pathway. Without a date: unknown."""

    died_on = serializers.DateField(required=False, allow_null=True, default=None)


class ContactPointOut(Projected, serializers.ModelSerializer[ContactPoint]):
    """A number or address."""

    class Meta:
        model = ContactPoint
        fields = ("id", "kind", "value", "status", "preferred", "ended_at", "version")


class ClientOut(Projected, serializers.ModelSerializer[Client]):
    """A client as the asking role may see them."""

    contact_points = serializers.SerializerMethodField()
    break_glass_until = serializers.DateTimeField(
        default=None, allow_null=True, read_only=True, help_text="Set: opened in an emergency, to read, until then."
    )

    class Meta:
        model = Client
        fields = (
            "id",
            "organization_id",
            "given_name",
            "family_name",
            "birth_date",
            "language",
            "residence_state",
            "city",
            "timezone",
            "deceased",
            "deceased_on",
            "source_system",
            "source_id",
            "contact_points",
            "break_glass_until",
            "version",
        )

    def get_contact_points(self, client: Client) -> list[dict[str, Any]]:
        """Return the live contact points, preferred first."""
        if (shown := getattr(client, "shown_points", None)) is not None:
            return shown  # type: ignore[no-any-return]  # by the list, as the shape has them
        points = client.contact_points.live().order_by("-preferred", "created_at")
        shape = ContactPointOut()
        return [shape.to_representation(point) for point in points]

    def to_representation(self, client: Client) -> dict[str, Any]:
        """Leave out what the role need not know."""
        shown: dict[str, Any] = super().to_representation(client)
        actor = self.context.get("actor")
        if actor is not None and actor.roles <= NARROW_ROLES:
            for name in NARROW_HIDES:
                shown.pop(name, None)
        return shown


class ClientsIn(PageIn):
    """The query of the list of clients. Searching by name is not a query: names do not go into addresses."""
