"""The views every room builds on: one transaction per request, an actor, an audit row for every read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from casemgmt.audit.record import record
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, PreconditionMissing
from casemgmt.kernel.wall import acting_as

from .idempotency import once
from .paging import DEFAULT_LIMIT, MAX_LIMIT, page
from .serializers import StrictSerializer
from .throttles import PerOrganization, PerPerson, PerStranger

ETAG = re.compile(r'"(\d{1,9})"')


class PageIn(StrictSerializer):
    """The query of every list."""

    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT)
    cursor = serializers.RegexField(r"^[0-9a-fA-F-]{1,36}$", required=False)


class ApiView(APIView):
    """Runs a handler in one transaction, once per Idempotency-Key, as an actor.

    A view that strangers may call says so by `public = True`; every other view answers 401 to them.
    """

    public: ClassVar[bool] = False
    audit_action: ClassVar[str] = ""
    permission_classes = ()
    throttle_classes = (PerPerson, PerOrganization, PerStranger)

    @property
    def actor(self) -> Actor:
        """The one who asks; anonymous on public views without a login."""
        return getattr(self.request, "actor", None) or Actor.anonymous()

    @property
    def default_response_headers(self) -> dict[str, str]:
        """What every answer carries: it may hold personal data, so nobody on the way keeps it."""
        return {**super().default_response_headers, "Cache-Control": "no-store"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Negotiate, throttle, log in."""
        super().initial(request, *args, **kwargs)
        actor = getattr(request.user, "actor", None)
        if actor is not None:
            actor = replace(actor, reading=request.method in SAFE_METHODS)
        request._request.actor = actor  # type: ignore[attr-defined]  # noqa: SLF001 - read by the error handler
        if actor is None and not self.public:
            raise NotAuthenticated()

    def perform_authentication(self, request: Request) -> None:
        """Log in. Whoever shows a key that opens nothing is counted as a stranger: keys are not guessed unhindered."""
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            self.check_throttles(request)
            raise

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Answer one request; a refusal leaves nothing behind but its audit row."""
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(self.request, *args, **kwargs)
            response = self._answer(*args, **kwargs)
        except Exception as error:  # - what no table knows is raised again inside
            response = self.handle_exception(error)
        return self.finalize_response(self.request, response, *args, **kwargs)

    def _answer(self, *args: Any, **kwargs: Any) -> Response:
        name = (self.request.method or "").lower()
        allowed = name in self.http_method_names
        handler = getattr(self, name, self.http_method_not_allowed) if allowed else self.http_method_not_allowed
        with acting_as(self.actor):
            if self.request.method == "POST" and not self.public:  # what logs somebody in is never kept
                action = self.audit_action or type(self).__name__
                work = partial(handler, self.request, *args, **kwargs)
                return once(self.request, actor=self.actor, action=action, work=work)
            return handler(self.request, *args, **kwargs)

    def given(self, shape: type[StrictSerializer], **context: Any) -> Any:
        """Return the request's body as `shape` validates it; raise ValidationError."""
        serializer = shape(data=self.request.data, context=context)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def asked(self, shape: type[StrictSerializer]) -> Any:
        """Return the query string as `shape` validates it; raise ValidationError, also for a NUL in it."""
        query: Mapping[str, str] = self.request.query_params
        if any("\x00" in name or "\x00" in value for name, value in query.items()):
            raise Invalid("The query holds a NUL character.")
        serializer = shape(data=dict(query.items()))
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def if_match(self, *, required: bool) -> int | None:
        """Return the version in If-Match; raise PreconditionMissing (428) when required and absent, Invalid if odd."""
        text = self.request.headers.get("If-Match")
        if text is None:
            if required:
                raise PreconditionMissing()
            return None
        found = ETAG.fullmatch(text.strip())
        if found is None:
            raise Invalid("If-Match takes one ETag as we gave it.", code="if_match_invalid")
        return int(found.group(1))

    def saw(self, action: str, *, object_id: UUID | None, client_ids: Iterable[UUID]) -> None:
        """Leave the audit row of a read (HIP-02)."""
        kind = action.split(".", 1)[0]
        record(action, actor=self.actor, object_type=kind, object_id=object_id, client_ids=client_ids)


def etag(version: int) -> dict[str, str]:
    """Return the header that names a version."""
    return {"ETag": f'"{version}"'}


class ScopedView(ApiView):
    """A view over rows that an actor may see. Refuses to exist for a model that cannot say which those are."""

    model: ClassVar[type[Model]]
    output: ClassVar[type[serializers.BaseSerializer[Any]]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        model = cls.__dict__.get("model")
        if model is not None and not hasattr(model._default_manager.all(), "visible_to"):
            raise TypeError(f"{cls.__name__}: the queryset of {model.__name__} has no visible_to")

    def rows(self) -> QuerySet[Any]:
        """Return what the actor may see; subclasses add joins, never rows."""
        manager: Any = self.model._default_manager
        return manager.all().visible_to(self.actor)  # type: ignore[no-any-return]

    def client_of(self, row: Any) -> UUID | None:
        """Return the client a row belongs to, for the audit trail; None when it belongs to nobody."""
        return getattr(row, "client_id", None)

    def shown(self, row: Any) -> Any:
        """Return the row as the actor sees it."""
        return self.output(row, context={"actor": self.actor}).data


class ListView(ScopedView):
    """GET: one page. `query` declares the parameters, `filters` applies them, `ordering` must be served by an index."""

    query: ClassVar[type[PageIn]] = PageIn
    filters: ClassVar[Mapping[str, str]] = {}  # parameter of the query -> column; absent or null keeps every row
    ordering: ClassVar[tuple[str, ...]] = ("-id",)

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Return the rows that the declared filters keep; a view with more to say adds to it."""
        kept = {column: asked[name] for name, column in self.filters.items() if asked.get(name) is not None}
        return rows.filter(**kept)

    def found(self, asked: Mapping[str, Any]) -> tuple[list[Any], str | None]:
        """Return one page of rows, and the cursor of the next."""
        visible = self.rows()
        rows = self.narrow(visible, asked)
        return page(rows, places=visible, ordering=self.ordering, cursor=asked.get("cursor"), limit=asked["limit"])

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Answer one page: `results` and the cursor `next`, null on the last."""
        found, following = self.found(self.asked(self.query))
        self.saw(f"{self.audit_action}.listed", object_id=None, client_ids=self._clients(found))
        results = self.output(found, many=True, context={"actor": self.actor}).data
        return Response({"results": results, "next": following})

    def _clients(self, found: list[Any]) -> list[UUID]:
        return list(dict.fromkeys(each for row in found if (each := self.client_of(row)) is not None))


class DetailView(ScopedView):
    """GET: one row with its ETag, or the same 404 for hidden and absent (P2-06)."""

    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Answer one row."""
        row = self.rows().fetch(pk)  # type: ignore[attr-defined]
        client_id = self.client_of(row)
        self.saw(f"{self.audit_action}.read", object_id=row.pk, client_ids=[client_id] if client_id else [])
        return Response(self.shown(row), headers=etag(row.version) if hasattr(row, "version") else None)
