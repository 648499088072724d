"""What every input shape shares: an unknown key is an error, not a shrug (API3); so is a year that nobody lived in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rest_framework import serializers

YEARS = range(1900, 9999)  # beyond them a moment may have no local day: the calendar ends within hours


class StrictSerializer(serializers.Serializer[Any]):
    """A shape that refuses keys it does not know. Translates only: it has no `save`."""

    def to_internal_value(self, given: Any) -> Any:
        """Return the validated values; raise ValidationError naming unknown keys and years beyond YEARS."""
        if isinstance(given, Mapping):
            unknown = set(given) - {name for name, field in self.fields.items() if not field.read_only}
            if unknown:
                known = ", ".join(sorted(self.fields)) or "none"
                raise serializers.ValidationError(
                    {
                        str(name)[:60]: [f"This field is not known here. Known: {known}."]
                        for name in sorted(unknown, key=str)
                    }
                )
        found = super().to_internal_value(given)
        beyond = [name for name, value in found.items() if isinstance(value, date) and value.year not in YEARS]
        if beyond:
            sentence = f"A year from {YEARS.start} to {YEARS[-1]}."
            raise serializers.ValidationError({name: [sentence] for name in beyond})
        return found
