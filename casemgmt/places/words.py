"""The words of waitlists, offers and beds. Codes only: none of these rows carries a free text about a client."""

from __future__ import annotations

from django.db.models import TextChoices


class EntryStage(TextChoices):
    """Where an entry stands."""

    WAITING = "waiting"
    OFFERED = "offered"  # a place is held for the client until they answer
    PLACED = "placed"
    REMOVED = "removed"


OPEN = (EntryStage.WAITING.value, EntryStage.OFFERED.value)


class WaitPriority(TextChoices):
    """How urgent it is that a client gets a place (T2)."""

    ROUTINE = "routine"
    URGENT = "urgent"


class Need(TextChoices):
    """What a place must offer to somebody."""

    MOUD = "moud"  # goes on with medication for opioid use disorder (CLN-10)
    STEP_FREE = "step_free"  # no stairs
    WOMEN_ONLY = "women_only"
    MEN_ONLY = "men_only"
    WITH_CHILDREN = "with_children"


class RemovalReason(TextChoices):
    """Why somebody waits no longer without having got a place."""

    CLIENT_WITHDREW = "client_withdrew"
    PLACED_ELSEWHERE = "placed_elsewhere"
    NO_LONGER_NEEDED = "no_longer_needed"
    NOT_ELIGIBLE = "not_eligible"
    NOT_REACHED = "not_reached"
    LISTED_IN_ERROR = "listed_in_error"
    EPISODE_ENDED = "episode_ended"  # told by the pathway, not by people
    DECEASED = "deceased"  # T17


# What people may say; the others follow from a fact.
TOLD_REMOVALS = tuple(
    each for each in RemovalReason if each not in (RemovalReason.EPISODE_ENDED, RemovalReason.DECEASED)
)


class DeclineReason(TextChoices):
    """Why a client does not take an offered place."""

    NOT_NOW = "not_now"
    NOT_SUITABLE = "not_suitable"
    TOO_FAR = "too_far"
    COST = "cost"
    OTHER_PLACE = "other_place"
    NOT_SAID = "not_said"


class WithdrawReason(TextChoices):
    """Why an offer was taken back."""

    NO_PLACE_AFTER_ALL = "no_place_after_all"
    OFFERED_IN_ERROR = "offered_in_error"
    NOT_ELIGIBLE = "not_eligible"
    REMOVED = "removed"  # the client waits no longer; the place goes to the next
    ENROLLED = "enrolled"  # an enrollment was planned past the offer; the place goes to the next


TOLD_WITHDRAWALS = (
    WithdrawReason.NO_PLACE_AFTER_ALL,
    WithdrawReason.OFFERED_IN_ERROR,
    WithdrawReason.NOT_ELIGIBLE,
)


class OfferOutcome(TextChoices):
    """How an offer ended."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class SkipReason(TextChoices):
    """Why somebody ahead in line was passed over for one place."""

    NEEDS_NOT_MET = "needs_not_met"
    BED_FOR_OTHERS = "bed_for_others"  # it is for women, men or families, and the entry does not say that it suits
    NOT_WANTED_YET = "not_wanted_yet"  # asked for a later day
    HAS_OFFER = "has_offer"  # another place of the same program is offered already
    ANSWERED_THIS_PLACE = "answered_this_place"  # this very place was declined, or its offer expired
    REFERRAL_NEEDED = "referral_needed"  # no accepted referral that a consent covers (G6)
    ALREADY_ENROLLED = "already_enrolled"


class BedPolicy(TextChoices):
    """Whom a bed is for (CLN-10)."""

    ANYBODY = "anybody"
    WOMEN = "women"
    MEN = "men"
    FAMILY = "family"


class BedStatus(TextChoices):
    """Whether a bed can be slept in."""

    AVAILABLE = "available"
    OUT_OF_SERVICE = "out_of_service"


class OutOfServiceReason(TextChoices):
    """Why nobody sleeps in a bed."""

    REPAIR = "repair"
    PESTS = "pests"
    RENOVATION = "renovation"
    REMOVED = "removed"
    OTHER = "other"


class BedUseKind(TextChoices):
    """What keeps a bed from others."""

    STAY = "stay"  # somebody lives there
    HOLD = "hold"  # kept free


class HoldReason(TextChoices):
    """Why a bed is kept free."""

    OFFERED = "offered"  # with an open offer; ends with it
    ARRIVAL = "arrival"  # somebody comes soon
    HOSPITAL_RETURN = "hospital_return"  # somebody comes back
    QUARANTINE = "quarantine"
    OTHER = "other"


TOLD_HOLDS = tuple(each for each in HoldReason if each is not HoldReason.OFFERED)

# What a bed's policy offers besides its own address.
MEETS: dict[str, frozenset[str]] = {
    BedPolicy.ANYBODY.value: frozenset(),
    BedPolicy.WOMEN.value: frozenset({Need.WOMEN_ONLY.value}),
    BedPolicy.MEN.value: frozenset({Need.MEN_ONLY.value}),
    BedPolicy.FAMILY.value: frozenset({Need.WITH_CHILDREN.value}),
}
