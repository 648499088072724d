"""What the carrier may do wrong, how often, and the dice that decide. Deterministic: seed and number of the request."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any


class Turn(StrEnum):
    """What becomes of one request to send. The members are also the names of their rates in Settings."""

    ACCEPT = "accept"
    TOO_MANY_REQUESTS = "too_many_requests"  # 429, not accepted
    UNAVAILABLE = "unavailable"  # 503 with Retry-After, not accepted
    ACCEPT_THEN_500 = "accept_then_500"
    ACCEPT_THEN_HANG = "accept_then_hang"  # answered only after hang_seconds
    ACCEPT_THEN_RESET = "accept_then_reset"
    ACCEPT_THEN_GARBAGE = "accept_then_garbage"  # 201 and no message in it


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Rates are shares of requests from 0 to 1, times are seconds. By default nothing goes wrong."""

    too_many_requests: float = 0.0
    unavailable: float = 0.0
    accept_then_500: float = 0.0
    accept_then_hang: float = 0.0
    accept_then_reset: float = 0.0
    accept_then_garbage: float = 0.0
    hang_seconds: float = 4.0
    latency_least: float = 0.002
    latency_most: float = 0.03
    list_lag: float = 0.0  # how long an accepted text is missing from the list
    rate_limit: int = 0  # requests to send, per second
    callbacks: bool = True
    callback_delay: float = 0.2  # from accepted to sent, and from sent to delivered
    callback_spread: float = 0.0  # a random time more, for each callback
    callback_repeats: int = 1  # each callback is delivered once to this many times
    callback_shuffle: bool = False
    callback_attempts: int = 6  # until somebody answers
    undelivered: float = 0.0
    inbound_webhooks: bool = True
    auto_replies: bool = True  # answer STOP and START ourselves
    heeds_stop: bool = True  # refuse texts to phones that wrote STOP; off, only our callers' own care protects them
    lists: bool = True  # show the list of texts
    opted_out: tuple[str, ...] = ()  # numbers that refuse texts besides those that wrote STOP

    def changed(self, wanted: Mapping[str, Any]) -> Settings:
        """Return the settings with some of them replaced. Raises ValueError naming what is wrong."""
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        values: dict[str, Any] = {}
        for name, value in wanted.items():
            if name not in kinds:
                raise ValueError(f"there is no setting {name}")
            values[name] = _read(name, value, kinds[name])
        settings = replace(self, **values)
        if sum(getattr(settings, turn) for turn in _FAILURES) > 1:
            raise ValueError("the rates add up to more than 1")
        return settings


_FAILURES: Sequence[Turn] = [turn for turn in Turn if turn != Turn.ACCEPT]


def _read(name: str, value: object, kind: type) -> object:
    if kind is tuple and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not kind or (isinstance(value, int | float) and value < 0):
        raise ValueError(f"{name} is not of the right kind")
    return value


def roll(settings: Settings, seed: int, number: int) -> tuple[Turn, random.Random]:
    """Return what becomes of the `number`-th request, and the dice for everything else about it."""
    dice = random.Random(f"{seed}:{number}")
    drawn = dice.random()
    for turn in _FAILURES:
        drawn -= float(getattr(settings, turn))
        if drawn < 0:
            return turn, dice
    return Turn.ACCEPT, dice


Steps = Sequence[tuple[float, str]]


def plan(settings: Settings, dice: random.Random) -> tuple[Steps, Steps]:
    """Return how a text fares and which callbacks tell of it, both as (seconds after acceptance, status)."""
    end = "undelivered" if dice.random() < settings.undelivered else "delivered"
    fares = [(settings.callback_delay, "sent"), (2 * settings.callback_delay, end)]
    if not settings.callbacks:
        return fares, []
    told = [
        (delay + dice.uniform(0, settings.callback_spread), status)
        for delay, status in fares
        for _ in range(dice.randint(1, max(1, settings.callback_repeats)))
    ]
    if settings.callback_shuffle:
        times, statuses = [delay for delay, _ in told], [status for _, status in told]
        dice.shuffle(statuses)
        told = list(zip(times, statuses, strict=True))
    return fares, told
