"""The words of a listing, and how far its numbers may be trusted today (rules.md §7, F5, CLN-10). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import TextChoices

OLDEST = 120  # years: no program gives an age beyond it


class Population(TextChoices):
    """Whom a program is made for. Descriptive: nobody is left out of a search by it."""

    ADOLESCENTS = "adolescents"
    YOUNG_ADULTS = "young_adults"
    OLDER_ADULTS = "older_adults"
    WOMEN = "women"
    MEN = "men"
    LGBTQ = "lgbtq"
    PREGNANT_OR_POSTPARTUM = "pregnant_or_postpartum"
    PARENTS_WITH_CHILDREN = "parents_with_children"
    VETERANS = "veterans"
    REENTRY = "reentry"  # coming back from jail or prison
    CO_OCCURRING = "co_occurring"  # mental health beside substance use
    UNHOUSED = "unhoused"


class Payer(TextChoices):
    """Who pays, and how a program is funded."""

    MEDICAID = "medicaid"
    MEDICARE = "medicare"
    PRIVATE_INSURANCE = "private_insurance"
    MILITARY_INSURANCE = "military_insurance"
    INDIAN_HEALTH_SERVICE = "indian_health_service"
    STATE_FUNDED = "state_funded"
    GRANT = "grant"
    SLIDING_SCALE = "sliding_scale"
    SELF_PAY = "self_pay"
    NO_CHARGE = "no_charge"


class ListingState(TextChoices):
    """How long ago somebody checked a listing (`assured_date`)."""

    FRESH = "fresh"
    OLD = "old"  # warned of
    STALE = "stale"  # hidden from searches by need
    NEVER = "never"


class CapacityState(TextChoices):
    """Whether the places of a program are known (F5)."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"  # a number, but nobody confirmed it lately: shown as unknown, not as free
    UNKNOWN = "unknown"


class CertificateState(TextChoices):
    """What a residence's certificate of NARR says today (CLN-10)."""

    UNKNOWN = "unknown"
    NONE = "none"
    HELD = "held"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Standards:
    """The moment (aware UTC), and after how many days the reader's organization calls what old."""

    at: datetime
    warn_days: int
    hide_days: int
    confirm_days: int

    def today(self, timezone: str) -> date:
        """Return the date in a zone (IANA name)."""
        return self.at.astimezone(ZoneInfo(timezone)).date()


def listing_state(assured: date | None, standards: Standards, *, timezone: str) -> ListingState:
    """Return how old a listing is: old after `warn_days`, stale after `hide_days`."""
    if assured is None:
        return ListingState.NEVER
    days = (standards.today(timezone) - assured).days
    if days > standards.hide_days:
        return ListingState.STALE
    return ListingState.OLD if days > standards.warn_days else ListingState.FRESH


def capacity_state(total: int | None, confirmed_at: datetime | None, standards: Standards) -> CapacityState:
    """Return whether a number of places may be shown as one."""
    if total is None:
        return CapacityState.UNKNOWN
    if confirmed_at is None or (standards.at - confirmed_at).total_seconds() > standards.confirm_days * 86_400:
        return CapacityState.UNCONFIRMED
    return CapacityState.CONFIRMED


def certificate_state(certified: bool | None, expires: date | None, today: date) -> CertificateState:
    """Return what a certificate says today; its last day still counts."""
    if certified is None:
        return CertificateState.UNKNOWN
    if not certified:
        return CertificateState.NONE
    return CertificateState.EXPIRED if expires is not None and expires < today else CertificateState.HELD
