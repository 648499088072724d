"""OpenAPI: what every operation has in common, said once."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

PROBLEMS: dict[str, str] = {
    "400": "The request is not valid; `code` and `fields` say why.",
    "401": "Not logged in.",
    "403": "Your role does not allow this.",
    "404": "There is nothing here that you may see.",
    "409": "This conflicts with how things stand now; `code` says how.",
    "422": "A rule refuses; `code` names it.",
    "429": "Too many requests; `Retry-After` says when to come back.",
}
# What an operation may answer besides when it asks which version the caller saw.
VERSIONED: dict[str, str] = {
    "412": "Somebody changed this since you loaded it.",
    "428": "Say which version you saw: If-Match with the ETag as we gave it.",
}


class ProblemOut(serializers.Serializer[Any]):
    """problem+json (RFC 9457). Codes add members of their own, such as `fields` or `failed_guards`."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(required=False)  # type: ignore[assignment]


IDEMPOTENCY = OpenApiParameter(
    name="Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=False,
    description="1 to 64 printable characters. The same key and request answer once and repeat the answer for a day.",
    type={"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"},
)
IF_MATCH = OpenApiParameter(
    name="If-Match",
    location=OpenApiParameter.HEADER,
    required=True,
    description="The ETag of what you saw. An edit of something else is refused with 412.",
    type={"type": "string", "pattern": '^"[0-9]{1,9}"$'},
)


@cache
def page_of(row: type[serializers.BaseSerializer[Any]]) -> Any:
    """Return the shape of one page of `row`; the same shape each time, so that several lists may share it."""
    return inline_serializer(
        name=f"{row.__name__}Page",
        fields={
            "results": row(many=True),
            "next": serializers.CharField(allow_null=True, help_text="Cursor of the next page; null on the last."),
        },
    )


class AutoSchema(SpectacularSchema):
    """Adds the problems that any operation may answer, the Idempotency-Key of every POST and the If-Match of edits."""

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters that are not in any serializer."""
        if self.method == "PATCH":
            return [IF_MATCH]
        never_kept = getattr(self.view, "public", False) or getattr(self.view, "tells_secrets", False)
        return [IDEMPOTENCY] if self.method == "POST" and not never_kept else []

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        versioned = VERSIONED if self.method in ("PATCH", "POST") else {}
        for status, description in {**PROBLEMS, **versioned}.items():
            if status not in bodies:
                response = OpenApiResponse(ProblemOut, description=description)
                media = ["application/problem+json"]
                bodies[status] = self._get_response_for_code(response, status, media, direction)  # type: ignore[no-untyped-call]
        return bodies


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the description names a login by token."""

    target_class = "casemgmt.accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer", "description": "A token of POST /api/v1/tokens/."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the description names a browser's session."""

    target_class = "casemgmt.accounts.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class WallTime(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """How the description names a time of day: a local wall time, without the offset that `format: time` asks for."""

    target_class = "rest_framework.serializers.TimeField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the shape."""
        return {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$"}
