"""The table of guidance, DG-00 to DG-14 (rules.md §5): what speaks for which service. Pure; reads like the table.

A line says: if, then, why in our words, where from. What the lines do to each other (precedence, tandem, preference)
is in judging.py. Whoever changes a line counts `RULES_VERSION` up: decisions name the version they were made under.
"""

from __future__ import annotations

from dataclasses import dataclass

from .conditions import When, level, points, points_from, yes
from .words import Block, FactName, Service, Strength

RULES_VERSION = "1"
ARTICLE = "article"  # S1: Your Health Magazine, "Peer Support vs. Professional Therapy"
VERY_DIFFICULT = 2  # PHQ-9, difficulty: 0 not at all, 1 somewhat, 2 very, 3 extremely
EVERY_DAY = 3  # PHQ-9, item 9


@dataclass(frozen=True, slots=True)
class Then:
    """One service a rule names. `strongest`: before all others of its strength (DG-10)."""

    service: Service
    strength: Strength
    strongest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line. `suppresses`: when it fires, no later line names anything (DG-20); blocks are never lifted by that.

    `unless_first` keeps a line silent while DG-00, DG-01 or DG-02 fires (DG-09). `caps_peer`: peer support is then an
    option beside clinical care and no more, whatever else speaks for it (DG-02).
    """

    id: str
    when: When
    then: tuple[Then, ...]
    reason: str
    source: str
    blocks: tuple[Block, ...] = ()
    suppresses: bool = False
    unless_first: bool = False
    caps_peer: bool = False


def required(service: Service) -> Then:
    """Return a service that must not be left out."""
    return Then(service, Strength.REQUIRED)


def suggest(service: Service, *, strongest: bool = False) -> Then:
    """Return a service that the facts speak for."""
    return Then(service, Strength.SUGGEST, strongest)


def option(service: Service) -> Then:
    """Return a service that is open to the client."""
    return Then(service, Strength.OPTION)


OUTPATIENT = yes(FactName.OUTPATIENT_CARE)

DG_00 = Rule(
    id="DG-00",
    when=yes(FactName.CRISIS_NOW)
    | level(FactName.CSSRS, "high", "the C-SSRS screens in the high range")
    | points(FactName.PHQ9_ITEM_9, EVERY_DAY, "thoughts of death or self-harm nearly every day (PHQ-9)"),
    then=(required(Service.CRISIS_RESPONSE), required(Service.SAME_DAY_CLINICIAN)),
    reason=(
        "This may be an emergency: crisis response comes first and a clinician sees the client today. A peer "
        "specialist is not trained for a crisis and hands over. Everything else waits until the client is safe."
    ),
    source=f"{ARTICLE}, tip 1",
    blocks=(Block.PEER_SUPPORT_ALONE,),
    suppresses=True,
)
DG_01 = Rule(
    id="DG-01",
    when=yes(FactName.WITHDRAWAL_RISK) | yes(FactName.OVERDOSE),
    then=(required(Service.MEDICAL_EVALUATION),),
    reason=(
        "Withdrawal and overdose can endanger life. A medical evaluation comes first; everything else waits for it."
    ),
    source="general clinical safety",
    blocks=(Block.PEER_SUPPORT_ALONE,),
    suppresses=True,
)
DG_02 = Rule(
    id="DG-02",
    when=level(FactName.CSSRS, "moderate", "the C-SSRS screens in the moderate range")
    | points_from(
        FactName.PHQ9, "phq9_peer_alone_below_points", "the PHQ-9 screens in the range where clinical care comes first"
    )
    | points_from(
        FactName.GAD7, "gad7_peer_alone_below_points", "the GAD-7 screens in the range where clinical care comes first"
    )
    | yes(FactName.PSYCHOSIS_OR_MANIA),
    then=(required(Service.THERAPY), option(Service.PEER_SUPPORT)),
    reason=(
        "Symptoms this strong need a clinician's assessment and therapy. Peer support may go along beside that care; "
        "it does not take its place."
    ),
    source=f"{ARTICLE}, tip 1; thresholds of the organization",
    blocks=(Block.PEER_SUPPORT_ALONE,),
    caps_peer=True,
)
DG_03 = Rule(
    id="DG-03",
    when=yes(FactName.TRAUMA),
    then=(suggest(Service.THERAPY),),
    reason="Old wounds and harmful patterns need privacy and training: one therapist, one client, a protected room.",
    source=f"{ARTICLE}, tip 2",
    blocks=(Block.PEER_SUPPORT_ALONE_FOR_TRAUMA,),
)
DG_04 = Rule(
    id="DG-04",
    when=yes(FactName.FUNCTIONING_IMPAIRED)
    | points_from(
        FactName.PHQ9, "phq9_therapy_from_points", "the PHQ-9 screens in the range from which therapy is suggested"
    )
    | points_from(
        FactName.GAD7, "gad7_therapy_from_points", "the GAD-7 screens in the range from which therapy is suggested"
    )
    | points(FactName.PHQ9_DIFFICULTY, VERY_DIFFICULT, "daily life is very difficult (PHQ-9)"),
    then=(suggest(Service.THERAPY),),
    reason="Symptoms get in the way of everyday life. That is where therapy has the most to give.",
    source=ARTICLE,
)
DG_05 = Rule(
    id="DG-05",
    when=yes(FactName.LIFE_STRESSOR),
    then=(option(Service.THERAPY),),
    reason="A therapist can help somebody through a hard change, a loss or grief.",
    source=ARTICLE,
)
DG_06 = Rule(
    id="DG-06",
    when=yes(FactName.NEEDS_STRUCTURE)
    | yes(FactName.STEPPING_DOWN)
    | (yes(FactName.RETURN_TO_USE_RECENT) & OUTPATIENT),
    then=(suggest(Service.IOP_ASSESSMENT),),
    reason=(
        "Several hours of therapy a week can be had while work, school and family go on. A clinician assesses whether "
        "that level of care fits; this page places nobody."
    ),
    source=ARTICLE,
)
DG_07 = Rule(
    id="DG-07",
    when=yes(FactName.WANTS_LIVED_EXPERIENCE) | yes(FactName.ISOLATED),
    then=(suggest(Service.PEER_SUPPORT),),
    reason="Somebody who has lived through it listens from beside, not from above, and makes the road less lonely.",
    source=f"{ARTICLE}, tip 3",
)
DG_08 = Rule(
    id="DG-08",
    when=yes(FactName.WANTS_ADVOCACY),
    then=(suggest(Service.PEER_SUPPORT),),
    reason="A peer specialist knows the services of the area, comes along and helps the client to speak up.",
    source=ARTICLE,
)
DG_09 = Rule(
    id="DG-09",
    when=yes(FactName.STARTING_OUT),
    then=(option(Service.PEER_SUPPORT),),
    reason="A talk with a peer is an easy first contact from which the rest can be found.",
    source=ARTICLE,
    unless_first=True,
)
DG_10 = Rule(
    id="DG-10",
    when=yes(FactName.TREATMENT_ENDED) | level(FactName.STAGE, "aftercare", "the client is in aftercare"),
    then=(
        suggest(Service.PEER_SUPPORT, strongest=True),
        suggest(Service.CHECK_IN_PLAN),
        suggest(Service.RECOVERY_CHECKUPS),
    ),
    reason=(
        "After treatment it matters that somebody stays in touch: a peer, regular check-ins and a check-up every "
        "quarter, so that help is near when it is needed again."
    ),
    source=f"{ARTICLE}; Scott and Dennis 2009",
)
DG_11 = Rule(
    id="DG-11",
    when=yes(FactName.HOUSING_UNSAFE) | yes(FactName.WANTS_HOME),
    then=(suggest(Service.SOBER_LIVING),),
    reason=(
        "A recovery residence gives early recovery a safe roof, a rhythm and company. Which level of residence (NARR) "
        "fits follows from how much support the client wants."
    ),
    source=ARTICLE,
)
DG_13 = Rule(
    id="DG-13",
    when=yes(FactName.UNSURE),
    then=(option(Service.THERAPY), option(Service.PEER_SUPPORT)),
    reason="Nobody has to know beforehand. Try both for a while; then look together at what each one gave.",
    source=ARTICLE,
)
# DG-12 is no line of its own: judging.py marks what goes together.
TABLE = (DG_00, DG_01, DG_02, DG_03, DG_04, DG_05, DG_06, DG_07, DG_08, DG_09, DG_10, DG_11, DG_13)
FIRST = frozenset({"DG-00", "DG-01", "DG-02"})
THERAPY_RULES = frozenset({"DG-02", "DG-03", "DG-04", "DG-05"})
PEER_RULES = frozenset({"DG-02", "DG-07", "DG-08", "DG-09", "DG-10"})

# Fires when no line does, so it has no condition; its evidence is where the client stands and all that is known.
NOTHING_FIRES = Rule(
    id="DG-14",
    when=When("nothing that is known speaks for one service more than another", lambda known: (known.stage,)),
    then=(option(Service.PEER_SUPPORT), option(Service.THERAPY)),
    reason=(
        "Nothing known so far points one way. Both are open, a first talk with a peer and a first talk in therapy. Ask "
        "more."
    ),
    source=ARTICLE,
)
EVERY_RULE = (*TABLE, NOTHING_FIRES)
