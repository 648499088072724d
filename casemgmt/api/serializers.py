"""What every input shape shares: an unknown key is an error, not a shrug (API3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """A shape that refuses keys it does not know. Translates only: it has no `save`."""

    def to_internal_value(self, given: Any) -> Any:
        """Return the validated values; raise ValidationError naming unknown keys."""
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
        return super().to_internal_value(given)
