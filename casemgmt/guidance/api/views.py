"""Guidance over HTTP: the facts form, what the rules say and why, what people decided."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, ListView, PageIn
from casemgmt.guidance.admission import episode_of, require_answers
from casemgmt.guidance.models import GuidanceDecision, Statement
from casemgmt.guidance.plain import WHY, for_client
from casemgmt.guidance.rules import EVERY_RULE, RULES_VERSION
from casemgmt.guidance.services import Choice, decide, form_of, look_at
from casemgmt.guidance.telling import Correction, NewStatement, correct_statement, tell_facts
from casemgmt.guidance.words import THRESHOLDS, FactName, FactSource, Verdict, reads_answers

from . import serializers as shapes


class FactsView(ApiView):
    """GET shows the facts form as it stands; POST fills in some or all of it."""

    audit_action = "guidance"

    @extend_schema(operation_id="guidance_facts", responses=shapes.GuidanceFactsOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell what counts of each fact, with source and date, and what nobody has told."""
        return self._form(pk)

    @extend_schema(operation_id="guidance_tell", request=shapes.FactsFormIn, responses={201: shapes.GuidanceFactsOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Keep what was told, all of it or nothing; answer the form as it stands then."""
        given = self.given(shapes.FactsFormIn)
        told = [
            NewStatement(FactName(each["name"]), each["value"], FactSource(each["source"]), each.get("observed_at"))
            for each in given["facts"]
        ]
        tell_facts(episode_id=pk, told=told, actor=self.actor)
        return self._form(pk, status=201)

    def _form(self, pk: UUID, *, status: int = 200) -> Response:
        form = form_of(episode_id=pk, actor=self.actor)
        self.saw("guidance.facts_read", object_id=form.episode.id, client_ids=[form.episode.client_id])
        return Response(shapes.GuidanceFactsOut(form).data, status=status)


class StatementsView(ListView):
    """GET: all that was told in an episode, newest first, corrected and withdrawn too."""

    model = Statement
    output = shapes.StatementOut
    audit_action = "guidance_statement"

    def rows(self) -> QuerySet[Any]:
        """Return the statements of an episode of the actor's organization, as far as the role reads them."""
        episode = episode_of(self.kwargs["pk"], actor=self.actor)
        return super().rows().filter(episode=episode).select_related("superseded_by")

    @extend_schema(operation_id="guidance_statements", parameters=[PageIn], responses=page_of(shapes.StatementOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what was told."""
        return super().get(request, **kwargs)


class CorrectionsView(ApiView):
    """POST: put another statement in the place of one."""

    audit_action = "guidance"

    @extend_schema(
        operation_id="guidance_correct", request=shapes.StatementCorrectionIn, responses={201: shapes.StatementOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Correct what was told; the old statement stays and says that it was superseded."""
        given = self.given(shapes.StatementCorrectionIn)
        correction = Correction(given["reason"], given["value"], given.get("observed_at"))
        row = correct_statement(statement_id=pk, correction=correction, actor=self.actor)
        return Response(shapes.StatementOut(row).data, status=201)


class WithdrawalsView(ApiView):
    """POST: take a statement back that should not have been made."""

    audit_action = "guidance"

    @extend_schema(
        operation_id="guidance_withdraw", request=shapes.StatementWithdrawalIn, responses={201: shapes.StatementOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Withdraw what was told; the row stays, and nothing follows from it."""
        given = self.given(shapes.StatementWithdrawalIn)
        row = correct_statement(statement_id=pk, correction=Correction(given["reason"]), actor=self.actor)
        return Response(shapes.StatementOut(row).data, status=201)


class GuidanceView(ApiView):
    """GET: what the rules say about an episode now, and why."""

    audit_action = "guidance"

    @extend_schema(operation_id="guidance_read", responses=shapes.GuidanceOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell suggestions, blocks, what is old and what to ask. Nothing follows from it by itself."""
        look = look_at(episode_id=pk, actor=self.actor)
        self.saw("guidance.read", object_id=look.episode.id, client_ids=[look.episode.client_id])
        policy = asdict(look.known.policy)
        answers = reads_answers(self.actor)
        told = {
            "episode_id": look.episode.id,
            "as_of": look.at,
            "rules_version": look.page.rules_version,
            "risk_flag": look.page.risk_flag,
            "suggestions": look.page.suggestions,
            "blocked": look.page.blocked,
            "stale": look.page.stale,
            "unknown": look.page.unknown,
            "thresholds": {name: policy[name] for name in THRESHOLDS} if answers else None,
        }
        return Response(shapes.GuidanceOut(told, context={"decisions": look.decisions}).data)


class PlainView(ApiView):
    """GET: the same in words for the client, on request."""

    audit_action = "guidance"

    @extend_schema(operation_id="guidance_plain", responses=shapes.GuidancePlainOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell guidance in plain words, to read together or to print."""
        look = look_at(episode_id=pk, actor=self.actor)
        self.saw("guidance.plain_read", object_id=look.episode.id, client_ids=[look.episode.client_id])
        told = {
            "language": "en",
            "rules_version": look.page.rules_version,
            "paragraphs": for_client(look.page),
        }
        return Response(shapes.GuidancePlainOut(told).data)


class RulesView(ApiView):
    """GET: the table of rules in words. It holds nothing of any client."""

    audit_action = "guidance_rule"

    @extend_schema(operation_id="guidance_rules", responses=shapes.GuidanceRulesOut)
    def get(self, request: Request) -> Response:
        """Tell every rule: when it applies, what it names, why, in which words the client hears it."""
        results = [
            {
                "id": rule.id,
                "when": rule.when.words,
                "services": [f"{then.strength.value}: {then.service.label}" for then in rule.then],
                "blocks": [str(block.label) for block in rule.blocks],
                "reason_text": rule.reason,
                "for_client": WHY[rule.id],
                "source": rule.source,
            }
            for rule in EVERY_RULE
        ]
        return Response(shapes.GuidanceRulesOut({"rules_version": RULES_VERSION, "results": results}).data)


class DecisionsView(ListView):
    """GET lists the decisions of an episode, newest first; POST decides about one line."""

    model = GuidanceDecision
    output = shapes.GuidanceDecisionOut
    audit_action = "guidance_decision"

    def rows(self) -> QuerySet[Any]:
        """Return the decisions of an episode of the actor's organization; raise for roles that read no answers."""
        episode = episode_of(self.kwargs["pk"], actor=self.actor)
        require_answers(self.actor)
        return super().rows().filter(episode=episode)

    @extend_schema(
        operation_id="guidance_decisions", parameters=[PageIn], responses=page_of(shapes.GuidanceDecisionOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what was decided, with the facts of that moment."""
        return super().get(request, **kwargs)

    @extend_schema(
        operation_id="guidance_decide",
        request=shapes.GuidanceDecisionIn,
        responses={201: shapes.GuidanceDecisionOut, 200: shapes.GuidanceDecisionOut},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Accept a line or decide otherwise; 200 when the same decision holds already."""
        given = self.given(shapes.GuidanceDecisionIn)
        choice = Choice(
            rule_id=given["rule_id"],
            target=given["target"],
            basis=given["basis"],
            verdict=Verdict(given["verdict"]),
            reason=given["reason"],
        )
        row, new = decide(episode_id=pk, choice=choice, actor=self.actor)
        return Response(shapes.GuidanceDecisionOut(row).data, status=201 if new else 200)
