"""Guidance in words for the client, on request (§5): what, why, from what, and who decides. Pure; speaks to the client.

Every rule has its sentence here; a test holds them against the table and against DG-23.
"""

from __future__ import annotations

from .known import Fact
from .showing import WITHHELD, Line, Page
from .words import Block, FactName, Service, Strength

OPENING = (
    "These lines come from fixed rules and from what you and the people who work with you have said. The rules add up "
    "no points and place nobody anywhere. You and your team decide, and you may ask at any time why a line is here."
)
NEEDS_UPDATE = "Some of this is old. Tell us how it is today, and the lines may change:"

STRENGTHS = {
    Strength.REQUIRED.value: "This should not wait: {what}.",
    Strength.SUGGEST.value: "We suggest {what}.",
    Strength.OPTION.value: "Open to you: {what}.",
}
WHY = {
    "DG-00": "You may be in danger right now. Your safety comes first; people trained for this see you today.",
    "DG-01": "Withdrawal or an overdose can be dangerous. A doctor or nurse sees you before anything else.",
    "DG-02": "What you go through is heavy. A clinician looks at it with you, and a peer can walk beside that care.",
    "DG-03": "Some things need a protected room and somebody trained to go there with you, one to one.",
    "DG-04": "It gets in the way of your days. That is what therapy is for.",
    "DG-05": "You are going through a hard change or a loss. A therapist can help you carry it.",
    "DG-06": (
        "You may need more structure than before and keep your days as they are. A clinician finds out with you "
        "whether several hours of therapy a week would fit."
    ),
    "DG-07": "Somebody who has been there can listen, and you are less alone with it.",
    "DG-08": "A peer knows the services around you and helps you to be heard.",
    "DG-09": "A talk with a peer is an easy place to begin.",
    "DG-10": "After treatment it is good that somebody stays in touch, so that help is near if you want it again.",
    "DG-11": "A recovery home can give you a safe roof and company. You say how much support you would like there.",
    "DG-13": "You do not have to know yet. Try both for a while, and we look together at what each one gave you.",
    "DG-14": "Nothing points one way so far. Tell us more, or begin with the one you like.",
    "": WITHHELD,
}
TOGETHER = "Therapy and peer support go well together here: each does its own part."
WISHED = "You told us that you would like this."
BLOCKS = {
    Block.PEER_SUPPORT_ALONE.value: "Peer support with no clinical care beside it would not be enough for now.",
    Block.PEER_SUPPORT_ALONE_FOR_TRAUMA.value: "For this need, peer support by itself would not be enough.",
}


def for_client(page: Page) -> list[str]:
    """Return guidance as paragraphs in plain English, one line of guidance each."""
    told = [_suggestion(line) for line in page.suggestions]
    told += [" ".join([BLOCKS[line.target], *_because(line)]) for line in page.blocked]
    if page.stale:
        told.append(" ".join([NEEDS_UPDATE, "; ".join(said(fact) for fact in page.stale) + "."]))
    return [OPENING, *told]


def _suggestion(line: Line) -> str:
    what = str(Service(line.target).label)
    parts = [STRENGTHS[line.strength].format(what=what), WHY[line.rule_id]]
    if line.tandem:
        parts.append(TOGETHER)
    if line.raised:
        parts.append(WISHED)
    return " ".join([*parts, *_because(line)])


def _because(line: Line) -> list[str]:
    return [f"What we know: {'; '.join(said(fact) for fact in line.facts_used)}."] if line.facts_used else []


def said(fact: Fact) -> str:
    """Return a fact with its date and where it comes from."""
    value = ""
    if fact.name == FactName.CLIENT_PREFERENCE and isinstance(fact.value, tuple):
        value = f" ({', '.join(str(Service(each).label) for each in fact.value) or 'nothing in particular'})"
    elif fact.value is False:
        value = " (no)"
    elif fact.value is not True:
        value = f" ({fact.value})".replace("_", " ")
    return f"{fact.name.label}{value}, {fact.source.value}, {fact.at:%Y-%m-%d}"
