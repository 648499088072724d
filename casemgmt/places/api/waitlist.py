"""Waitlists over HTTP: the line of a program, one's own clients in it, and its rule."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.roles import SEES_PAST_EPISODES
from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, PageIn, etag
from casemgmt.clients.services import require_role
from casemgmt.places.models import OfferSkip, WaitlistEntry, WaitlistMove, WaitlistRule
from casemgmt.places.rules.ranking import Weights
from casemgmt.places.services.counting import places_of
from casemgmt.places.services.listing import NewEntry, add_entry, change_entry, confirm_entry, remove_entry
from casemgmt.places.services.ordering import set_rule
from casemgmt.places.services.showing import page_of_line, standing_now
from casemgmt.places.words import RemovalReason, WaitPriority

from . import serializers as shapes


class WaitlistView(ApiView):
    """GET: who waits for a program, in the order of the rank. POST: somebody joins."""

    audit_action = "waitlist"

    @extend_schema(operation_id="waitlist_list", parameters=[PageIn], responses=page_of(shapes.PositionOut))
    def get(self, request: Request, pk: UUID) -> Response:
        """List the line, first first, each with points, terms and the version of the rule."""
        asked = self.asked(PageIn)
        require_role(self.actor, SEES_PAST_EPISODES)
        positions, following = page_of_line(
            program_id=pk, cursor=asked.get("cursor"), limit=asked["limit"], actor=self.actor
        )
        seen = [each["entry"].client_id for each in positions if each["entry"] is not None]
        self.saw("waitlist.listed", object_id=pk, client_ids=list(dict.fromkeys(seen)))
        return Response({"results": shapes.PositionOut(positions, many=True).data, "next": following})

    @extend_schema(operation_id="waitlist_add", request=shapes.EntryIn, responses={201: shapes.EntryInLineOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Put a client into the line; the pathway stays where it is. 422 `referral_needed` at another organization."""
        given = self.given(shapes.EntryIn)
        new = NewEntry(
            episode_id=given["episode"],
            program_id=pk,
            priority=WaitPriority(given["priority"]),
            asked_for=given["asked_for"],
            needs=given["needs"],
        )
        entry = add_entry(new=new, actor=self.actor)
        return Response(shown(entry), status=201, headers=etag(entry.version))


def shown(entry: WaitlistEntry) -> Any:
    """Return an entry with where it stands now."""
    return shapes.EntryInLineOut(standing_now(entry)).data


class EntriesView(ListView):
    """GET: entries of clients one may see, newest first, also closed ones."""

    model = WaitlistEntry
    output = shapes.EntryOut
    query = shapes.EntriesIn
    filters = {"client": "client_id", "program": "program_id", "episode": "episode_id", "stage": "stage"}
    audit_action = "waitlist_entry"

    @extend_schema(
        operation_id="waitlist_entries_list", parameters=[shapes.EntriesIn], responses=page_of(shapes.EntryOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List entries."""
        return super().get(request, **kwargs)


class EntryView(DetailView):
    """GET: one entry with its position and rank. PATCH: what is known of it."""

    model = WaitlistEntry
    output = shapes.EntryInLineOut
    audit_action = "waitlist_entry"

    def rows(self) -> QuerySet[Any]:
        """Return entries with their programs and organizations."""
        return super().rows().select_related("program", "episode")

    def shown(self, row: Any) -> Any:
        """Return the entry with where it stands now."""
        return shown(row)

    @extend_schema(operation_id="waitlist_entries_read", responses=shapes.EntryInLineOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one entry."""
        return super().get(request, pk, **kwargs)

    @extend_schema(
        operation_id="waitlist_entries_change", request=shapes.EntryChangesIn, responses=shapes.EntryInLineOut
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change priority, day or needs; If-Match says which version was seen. The ledger tells before and after."""
        changes = self.given(shapes.EntryChangesIn)
        version = self.if_match(required=True)
        entry = change_entry(entry_id=pk, changes=changes, version=version, actor=self.actor)
        return Response(shown(entry), headers=etag(entry.version))


class ConfirmationView(ApiView):
    """POST: the client still waits."""

    audit_action = "waitlist_entry"

    @extend_schema(
        operation_id="waitlist_entries_confirm", request=shapes.VersionIn, responses={200: shapes.EntryInLineOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Note that the client was asked and still waits."""
        version = self.given(shapes.VersionIn).get("version", self.if_match(required=False))
        entry = confirm_entry(entry_id=pk, version=version, actor=self.actor)
        return Response(shown(entry), headers=etag(entry.version))


class RemovalView(ApiView):
    """POST: the client waits no longer."""

    audit_action = "waitlist_entry"

    @extend_schema(
        operation_id="waitlist_entries_remove", request=shapes.RemovalIn, responses={200: shapes.EntryInLineOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Take a client off the line; a place that was held for them goes to the next."""
        given = self.given(shapes.RemovalIn)
        entry = remove_entry(
            entry_id=pk,
            reason=RemovalReason(given["reason"]),
            version=given.get("version", self.if_match(required=False)),
            actor=self.actor,
        )
        return Response(shown(entry), headers=etag(entry.version))


class OfEntryView(ListView):
    """Base of what is listed about one entry that the actor may see."""

    ordering = ("-seq",)

    def rows(self) -> QuerySet[Any]:
        """Return the rows of an entry the actor may see; raise NotVisible for another."""
        entry = WaitlistEntry.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return super().rows().filter(entry=entry).select_related("entry")

    def client_of(self, row: Any) -> UUID | None:
        """Return the client of the row's entry."""
        return row.entry.client_id  # type: ignore[no-any-return]


class EntryMovesView(OfEntryView):
    """GET: the ledger of one entry, newest first."""

    model = WaitlistMove
    output = shapes.WaitlistMoveOut
    audit_action = "waitlist_move"

    @extend_schema(
        operation_id="waitlist_entries_moves", parameters=[PageIn], responses=page_of(shapes.WaitlistMoveOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what happened: added, ranked anew, offered, answered, removed."""
        return super().get(request, **kwargs)


class EntrySkipsView(OfEntryView):
    """GET: the places that went past one entry, newest first."""

    model = OfferSkip
    output = shapes.EntrySkipOut
    audit_action = "offer_skip"

    @extend_schema(operation_id="waitlist_entries_skips", parameters=[PageIn], responses=page_of(shapes.EntrySkipOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List why places went to somebody behind."""
        return super().get(request, **kwargs)


class WaitlistRulesView(ListView):
    """GET: the versions of how one's organization orders its lines, newest first. POST: the next one."""

    model = WaitlistRule
    output = shapes.WaitlistRuleOut
    ordering = ("-seq",)
    audit_action = "waitlist_rule"

    @extend_schema(operation_id="waitlist_rules_list", parameters=[PageIn], responses=page_of(shapes.WaitlistRuleOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List versions; none: the default holds, version 0."""
        return super().get(request, **kwargs)

    @extend_schema(
        operation_id="waitlist_rules_set", request=shapes.WaitlistRuleIn, responses={201: shapes.WaitlistRuleOut}
    )
    def post(self, request: Request) -> Response:
        """Set all weights as a new version; everybody who waits is ranked anew, and their ledger says so."""
        given = self.given(shapes.WaitlistRuleIn)
        reason = given.pop("reason")
        rule = set_rule(weights=Weights(**given), reason=reason, actor=self.actor)
        return Response(self.shown(rule), status=201)


class PlacesView(ApiView):
    """GET: how many places a program has."""

    audit_action = "program"

    @extend_schema(operation_id="programs_places", responses=shapes.PlacesOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell total, taken, held, open or unknown; nobody is named."""
        places = places_of(program_id=pk, actor=self.actor)
        self.saw("program.places_read", object_id=pk, client_ids=[])
        return Response(shapes.PlacesOut(places).data)
