"""The pathway over HTTP: opening, looking ahead, moving, proposing, reading the ledger."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.api.schema import page_of
from casemgmt.api.transitions import Order, TransitionsView
from casemgmt.api.views import ApiView, DetailView, ListView, PageIn, etag
from casemgmt.episodes.facts import DoseFact
from casemgmt.episodes.models import Episode, StageProposal
from casemgmt.episodes.opening import open_episode
from casemgmt.episodes.proposals import Suggestion, confirm_proposal, dismiss_proposal, propose_move
from casemgmt.episodes.rules import is_skip
from casemgmt.episodes.services import MoveOrder, look_ahead, move_episode
from casemgmt.episodes.stages import direction
from casemgmt.kernel.lifecycle import Option

from . import serializers as shapes
from .shown import EpisodeOut, StageMoveOut


class EpisodesView(ListView):
    """GET lists episodes, newest first; POST opens one."""

    model = Episode
    output = EpisodeOut
    query = shapes.EpisodesIn
    filters = {"client": "client_id", "stage": "stage"}
    ordering = ("-opened_at", "-id")
    audit_action = "episode"

    @extend_schema(operation_id="episodes_list", parameters=[shapes.EpisodesIn], responses=page_of(EpisodeOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List episodes."""
        return super().get(request, **kwargs)

    def rows(self) -> QuerySet[Any]:
        """Return what the actor may see and is told of (CLN-31)."""
        return super().rows().told_to(self.actor).select_related("organization")  # type: ignore[attr-defined, no-any-return]

    @extend_schema(operation_id="episodes_open", request=shapes.EpisodeIn, responses={201: EpisodeOut})
    def post(self, request: Request) -> Response:
        """Open an episode at intake."""
        given = self.given(shapes.EpisodeIn)
        episode = open_episode(
            client_id=given["client"],
            source=given["source"],
            reason=given["reason"],
            previous_id=given.get("previous"),
            asked_by=given["asked_by"],
            actor=self.actor,
        )
        shown = EpisodeOut(episode, context={"actor": self.actor}).data
        return Response(shown, status=201, headers=etag(episode.version))


class EpisodeView(DetailView):
    """GET: one episode."""

    model = Episode
    output = EpisodeOut
    audit_action = "episode"

    def rows(self) -> QuerySet[Any]:
        """Return what the actor may see and is told of (CLN-31)."""
        return super().rows().told_to(self.actor).select_related("organization")  # type: ignore[attr-defined, no-any-return]

    @extend_schema(operation_id="episodes_read", responses=EpisodeOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one episode."""
        return super().get(request, pk, **kwargs)


class EpisodeTransitionsView(TransitionsView):
    """GET says what may happen next; POST makes it happen."""

    audit_action = "episode"
    order_in = shapes.EpisodeOrderIn
    lead = ""
    doses: tuple[DoseFact, ...] = ()

    def look(self, pk: UUID) -> tuple[str, int, UUID | None, list[Option]]:
        """Look ahead."""
        episode, found, facts = look_ahead(episode_id=pk, actor=self.actor)
        self.lead = episode.lead
        # hours over all disciplines are for those who read all of them (table 1.9, notes 1 and 2)
        self.doses = facts.doses if self.actor.has_role(*CASE_MANAGER_AND_UP) else ()
        return str(episode.stage), episode.version, episode.client_id, found

    def shown(self, option: Option) -> dict[str, Any]:
        """Add where a step leads to by support, and whether it passes over clinical support."""
        way = {"direction": direction(self.lead, option.target), "skip": is_skip(option.rule)}
        return {**super().shown(option), **way}

    def move(self, pk: UUID, order: Order) -> tuple[dict[str, Any], int]:
        """Move the episode."""
        wanted = MoveOrder(
            verb=order.verb,
            given=order.given,
            reason=order.reason,
            effective_at=order.effective_at,
            version=order.version,
        )
        row = move_episode(episode_id=pk, order=wanted, actor=self.actor)
        return dict(StageMoveOut(row, context={"actor": self.actor}).data), row.episode.version

    @extend_schema(operation_id="episodes_transitions", responses=shapes.EpisodeTransitionsOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell what is allowed, blocked and why, and what was attended of late: for people to weigh, no guard does."""
        answer = super().get(request, pk)
        answer.data["attended"] = [asdict(each) for each in self.doses]
        return answer

    @extend_schema(operation_id="episodes_move", request=shapes.EpisodeOrderIn, responses={201: StageMoveOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Move, or be told everything that stands against it."""
        return super().post(request, pk)


class ProposalsView(ListView):
    """GET lists an episode's proposals, newest first; POST proposes a move."""

    model = StageProposal
    output = shapes.ProposalOut
    audit_action = "stage_proposal"

    def rows(self) -> QuerySet[Any]:
        """Return the proposals of an episode the actor may see; raise NotVisible for another."""
        episode = Episode.objects.visible_to(self.actor).told_to(self.actor).fetch(self.kwargs["pk"])
        return StageProposal.objects.filter(episode=episode).select_related("episode")

    def client_of(self, row: Any) -> UUID | None:
        """Return the client of the proposal's episode."""
        return row.episode.client_id  # type: ignore[no-any-return]

    @extend_schema(operation_id="episodes_proposals", parameters=[PageIn], responses=page_of(shapes.ProposalOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the proposals of an episode."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="episodes_propose", request=shapes.ProposalIn, responses={201: shapes.ProposalOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Ask for a move that somebody else may have to decide."""
        given = self.given(shapes.ProposalIn)
        suggestion = Suggestion(
            verb=given["verb"], given=given["data"], reason=given["reason"], asked_by=given.get("asked_by", "")
        )
        proposal = propose_move(episode_id=pk, suggestion=suggestion, actor=self.actor)
        return Response(self.shown(proposal), status=201, headers=etag(proposal.version))


class ConfirmationsView(ApiView):
    """POST: yes to a proposal."""

    audit_action = "stage_proposal"

    @extend_schema(
        operation_id="proposals_confirm", request=shapes.ConfirmationIn, responses={200: shapes.ConfirmationOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Carry the proposal out, or pass it on to those who may decide it."""
        given = self.given(shapes.ConfirmationIn)
        proposal, move = confirm_proposal(
            proposal_id=pk,
            given=given["data"],
            reason=given["reason"],
            version=given.get("version"),
            actor=self.actor,
        )
        shown = shapes.ConfirmationOut({"proposal": proposal, "move": move}, context={"actor": self.actor})
        return Response(shown.data, headers=etag(proposal.version))


class DismissalsView(ApiView):
    """POST: no to a proposal."""

    audit_action = "stage_proposal"

    @extend_schema(operation_id="proposals_dismiss", request=shapes.DismissalIn, responses={200: shapes.ProposalOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Dismiss a proposal, with its reason."""
        given = self.given(shapes.DismissalIn)
        proposal = dismiss_proposal(
            proposal_id=pk, reason=given["reason"], version=given.get("version"), actor=self.actor
        )
        shown = shapes.ProposalOut(proposal, context={"actor": self.actor})
        return Response(shown.data, headers=etag(proposal.version))
