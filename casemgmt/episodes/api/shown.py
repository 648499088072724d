"""How episodes and the rows of their ledger are shown, and to whom how much of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Model
from rest_framework import serializers

from casemgmt.accounts.roles import SEES_PAST_EPISODES
from casemgmt.api.projection import Projected
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.episodes.teds import Conclusion, is_positive, length_of_stay

Row = TypeVar("Row", bound=Model)

# What was told with a step and is everybody's on the team: dates, and who and where (table 1.9, notes 1 and 2).
OUTLINE = ("start_date", "move_in", "resume_date", "review_date", "peer", "residence")


class DiscreetSerializer(Projected, serializers.ModelSerializer[Row]):
    """A row whose reasons peers and houses do not read, unless they wrote it (table 1.9, notes 1 and 2).

    `hidden` says what is shown instead of what; `author` names the column of who wrote it. Without an actor nobody did.
    """

    hidden: ClassVar[Mapping[str, Any]] = {}
    author: ClassVar[str]

    details_hidden = serializers.SerializerMethodField(help_text="Something is kept from your role.")

    def get_details_hidden(self, row: Row) -> bool:
        """Return whether something is kept from the reader."""
        actor = self.context.get("actor")
        if actor is None:
            return True
        return not (
            actor.has_role(*SEES_PAST_EPISODES) or (actor.id is not None and actor.id == getattr(row, self.author))
        )

    def to_representation(self, row: Row) -> dict[str, Any]:
        """Return the row as its reader may know it."""
        shown: dict[str, Any] = super().to_representation(row)
        if shown["details_hidden"]:
            shown |= self.hidden
            if "given" in shown:
                shown["given"] = {name: value for name, value in shown["given"].items() if name in OUTLINE}
        return shown


class EpisodeOut(Projected, serializers.ModelSerializer[Episode]):
    """One episode. Peers and houses are not told of the ones before, nor how it ended in codes (CLN-31)."""

    teds_code = serializers.ChoiceField(
        choices=Conclusion.choices, allow_null=True, read_only=True, help_text="How it ended, by TEDS-D (2019)."
    )
    teds_label = serializers.SerializerMethodField()
    positive_conclusion = serializers.SerializerMethodField(help_text="Completed and transferred are (CLN-40).")
    length_of_stay_days = serializers.SerializerMethodField(help_text="Of an ended episode of care (CLN-50).")

    class Meta:
        model = Episode
        fields = (
            "id",
            "client_id",
            "organization_id",
            "stage",
            "held_stage",
            "source",
            "opened_at",
            "ended_at",
            "last_contact_on",
            "length_of_stay_days",
            "teds_code",
            "teds_label",
            "positive_conclusion",
            "previous_id",
            "version",
        )

    def get_teds_label(self, episode: Episode) -> str:
        """Return the codebook's words, empty while there is no code."""
        return "" if episode.teds_code is None else str(Conclusion(episode.teds_code).label)

    def get_positive_conclusion(self, episode: Episode) -> bool | None:
        """Return whether it counts as a positive conclusion, None while there is no code."""
        return is_positive(episode.teds_code)

    def get_length_of_stay_days(self, episode: Episode) -> int | None:
        """Return the length of stay, None while it is open and for who was never admitted."""
        if episode.ended_at is None or episode.stage == Stage.CANCELLED:
            return None
        zone = ZoneInfo(episode.organization.timezone)
        return length_of_stay(
            admitted=episode.opened_at.astimezone(zone).date(),
            ended=episode.ended_at.astimezone(zone).date(),
            last_contact=episode.last_contact_on,
        )

    def to_representation(self, episode: Episode) -> dict[str, Any]:
        """Leave out what the actor is not told; without an actor nobody is."""
        shown: dict[str, Any] = super().to_representation(episode)
        actor = self.context.get("actor")
        if actor is None or not actor.has_role(*SEES_PAST_EPISODES):
            shown |= {"previous_id": None, "teds_code": None, "teds_label": "", "positive_conclusion": None}
        return shown


class StageMoveOut(DiscreetSerializer[StageMove]):
    """One row of the ledger: who, for whom, in which roles, why, since when, recorded when, and what became of it.

    Peers and houses learn where it led and since when, not why: a rule may name a return to use (T19).
    """

    hidden = {"rule": "", "reason": ""}
    author = "actor_id"

    superseded_by = serializers.SerializerMethodField(help_text="The row that corrects this one (T20).")

    class Meta:
        model = StageMove
        fields = (
            "seq",
            "episode_id",
            "verb",
            "rule",
            "definition",
            "from_stage",
            "to_stage",
            "enters",
            "direction",
            "supersedes_id",
            "superseded_by",
            "at",
            "effective_at",
            "actor_kind",
            "actor_id",
            "actor_roles",
            "on_behalf_of",
            "proposal_id",
            "reason",
            "given",
            "details_hidden",
            "request_id",
        )

    def get_superseded_by(self, move: StageMove) -> int | None:
        """Return the row that took this one's place, None while it stands."""
        by: StageMove | None = getattr(move, "superseded_by", None)
        return by.seq if by else None
