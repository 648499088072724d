"""Tables: when each state lets one text, which zones it spans, which area codes are its own. Pure, no decisions.

The windows come from rules.md 2.3: vendor compilations of telemarketing law, which we adopt as policy. A row is
effective-dated; to change one, end it and add another. States that are not listed follow the federal row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

MIDNIGHT = 24 * 60


@dataclass(frozen=True)
class Span:
    """Local half-open time within one day, in minutes after midnight: open at `opens`, closed at `closes` (SMS-31)."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= MIDNIGHT:
            raise ValueError("a span opens before it closes, within one day")

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read `09:00-20:00`; `24:00` is the end of the day. Raises ValueError."""
        opens, _, closes = text.partition("-")
        return cls(_minutes(opens), _minutes(closes))

    def __str__(self) -> str:
        return "-".join(f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in (self.opens, self.closes))


def _minutes(text: str) -> int:
    hours, _, minutes = text.strip().partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(minutes) < 60):
        raise ValueError("a time of day is written HH:MM")
    return int(hours) * 60 + int(minutes)


@dataclass(frozen=True)
class Week:
    """One span, or none, for each day, Monday first. Local to the recipient."""

    days: tuple[Span | None, ...]

    def __post_init__(self) -> None:
        if len(self.days) != 7:
            raise ValueError("a week has seven days")

    @classmethod
    def daily(cls, text: str) -> Week:
        """Return a week that has the same span every day. Raises ValueError."""
        return cls((Span.parse(text),) * 7)

    @classmethod
    def of(cls, weekdays: str, saturday: str | None, sunday: str | None) -> Week:
        """Return a week written as in the table: Monday to Friday, Saturday, Sunday; None is closed all day."""
        ends = tuple(Span.parse(text) if text else None for text in (saturday, sunday))
        return cls((Span.parse(weekdays),) * 5 + ends)

    def on(self, day: date) -> Span | None:
        """Return the span of that local date."""
        return self.days[day.weekday()]

    def __and__(self, other: Week) -> Week:
        """Return the intersection: open only while both are."""
        return Week(tuple(map(_overlap, self.days, other.days)))


def _overlap(one: Span | None, other: Span | None) -> Span | None:
    if one is None or other is None:
        return None
    opens, closes = max(one.opens, other.opens), min(one.closes, other.closes)
    return Span(opens, closes) if opens < closes else None


FEDERAL = "federal"


@dataclass(frozen=True)
class JurisdictionWindow:
    """One row: the window of a state (or FEDERAL) on the local dates from `effective_from` up to `effective_until`."""

    jurisdiction: str
    week: Week
    effective_from: date = date.min
    effective_until: date = date.max

    def is_effective(self, on: date) -> bool:
        """Say whether the row governs that local date."""
        return self.effective_from <= on < self.effective_until


def _rows(table: Mapping[str, Week]) -> Iterable[JurisdictionWindow]:
    for states, week in table.items():
        for state in states.split():
            yield JurisdictionWindow(state, week)


# Source: rules.md 2.3. Where the compilations disagree (CA, IL) the narrower one stands.
JURISDICTION_WINDOWS: tuple[JurisdictionWindow, ...] = tuple(
    _rows(
        {
            FEDERAL: Week.daily("08:00-21:00"),
            "FL OK MD MA NJ": Week.daily("08:00-20:00"),
            "AL LA MS": Week.of("08:00-20:00", "08:00-20:00", None),
            "CT NV": Week.daily("09:00-20:00"),
            "MI MN NM": Week.daily("09:00-21:00"),
            "CA IL": Week.daily("09:00-21:00"),
            "KY": Week.daily("10:00-21:00"),
            "TX": Week.of("09:00-21:00", "09:00-21:00", "12:00-21:00"),
            "RI": Week.of("09:00-18:00", "10:00-17:00", "10:00-17:00"),
            "PA": Week.of("08:00-21:00", "08:00-12:00", "08:00-21:00"),
            "WA": Week.daily("08:00-20:00"),
        }
    )
)

_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"


def _zones() -> Iterable[tuple[str, frozenset[str]]]:
    for zone, states in {
        _EASTERN: "CT DE DC FL GA IN KY ME MD MA NH NJ NY NC OH PA RI SC TN VT VA WV",
        _CENTRAL: "AL AR FL IL IN IA KS KY LA MN MS MO NE ND OK SD TN TX WI",
        _MOUNTAIN: "AZ CO KS MT NE NV NM ND SD TX UT WY",
        _PACIFIC: "CA ID NV OR WA",
        "America/Boise": "ID OR",
        "America/Phoenix": "AZ",
        "America/Detroit": "MI",
        "America/Menominee": "MI",
        "America/Anchorage": "AK",
        "America/Adak": "AK",
        "Pacific/Honolulu": "HI",
        "America/Puerto_Rico": "PR",
        "America/St_Thomas": "VI",
        "Pacific/Guam": "GU",
        "Pacific/Saipan": "MP",
        "Pacific/Pago_Pago": "AS",
    }.items():
        for state in states.split():
            yield state, frozenset({zone})


def _merged(pairs: Iterable[tuple[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    table: dict[str, frozenset[str]] = {}
    for key, values in pairs:
        table[key] = table.get(key, frozenset()) | values
    return table


# Every legal zone of a state, also of its small corners (Navajo Nation, West Wendover, Malheur County): SMS-32 asks
# that a text be allowed in all of them.
STATE_ZONES: Mapping[str, frozenset[str]] = _merged(_zones())

_AREA_CODES = """
AK 907
AL 205 251 256 334 659 938
AR 327 479 501 870
AS 684
AZ 480 520 602 623 928
CA 209 213 279 310 323 341 350 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 714 738 747 760 805
CA 818 820 831 840 858 909 916 925 949 951
CO 303 719 720 748 970 983
CT 203 475 860 959
DC 202 771
DE 302
FL 239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954
GA 229 404 470 478 678 706 762 770 912 943
GU 671
HI 808
IA 319 515 563 641 712
ID 208 986
IL 217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 872
IN 219 260 317 463 574 765 812 930
KS 316 620 785 913
KY 270 364 502 606 859
LA 225 318 337 504 985
MA 339 351 413 508 617 774 781 857 978
MD 227 240 301 410 443 667
ME 207
MI 231 248 269 313 517 586 616 734 810 906 947 989
MN 218 320 507 612 651 763 952
MO 235 314 417 557 573 636 660 816 975
MP 670
MS 228 601 662 769
MT 406
NC 252 336 472 704 743 828 910 919 980 984
ND 701
NE 308 402 531
NH 603
NJ 201 551 609 640 732 848 856 862 908 973
NM 505 575
NV 702 725 775
NY 212 315 329 332 347 363 516 518 585 607 631 646 680 716 718 838 845 914 917 929 934
OH 216 220 234 283 326 330 380 419 440 513 567 614 740 937
OK 405 539 572 580 918
OR 458 503 541 971
PA 215 223 267 272 412 445 484 570 582 610 717 724 814 835 878
PR 787 939
RI 401
SC 803 821 839 843 854 864
SD 605
TN 423 615 629 731 865 901 931
TX 210 214 254 281 325 346 361 409 430 432 469 512 682 713 726 737 806 817 830 832 903 915 936 940 945 956 972 979
UT 385 435 801
VA 276 434 540 571 686 703 757 804 826 948
VI 340
VT 802
WA 206 253 360 425 509 564
WI 262 274 353 414 534 608 715 920
WV 304 681
WY 307
"""

# A code that is not here has no state of its own: federal hours, and no zone.
AREA_CODE_STATES: Mapping[str, str] = {
    code: line.split()[0] for line in _AREA_CODES.strip().splitlines() for code in line.split()[1:]
}
