"""The five rulers from 0 to 10: one question each, ours to word, no band and no cut-off. Pure."""

from __future__ import annotations

from .shape import Answers, Instrument, Item, License, Result

LICENSE = License(holder="This project", notice="Free to use under the project's own terms.", text_may_ship=True)
QUESTIONS = {
    "hope": ("Hope ruler", "How hopeful do you feel about what lies ahead?"),
    "confidence": ("Confidence ruler", "How confident are you that you can keep to the recovery you want?"),
    "connection": ("Connection ruler", "How connected do you feel to people who support you?"),
    "functioning": ("Day-to-day functioning ruler", "How well are you getting through your everyday life?"),
    "life_satisfaction": ("Life satisfaction ruler", "All in all, how satisfied are you with your life?"),
}


def judge(answers: Answers, sex: str) -> Result:
    """Return the number as given."""
    return Result({"value": answers["1"]})


def _ruler(name: str, title: str, question: str) -> Instrument:
    text = f"{question} 0 is not at all, 10 is completely."
    item = Item("1", name.replace("_", " "), 0, 10, text)
    return Instrument(code=f"ruler_{name}", version="1", name=title, items=(item,), license=LICENSE, judge=judge)


RULERS = tuple(_ruler(name, title, question) for name, (title, question) in QUESTIONS.items())
