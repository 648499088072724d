"""Carriers and listeners that end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .carrier_process import CarrierProcess, Listener


@pytest.fixture
def start_carrier(tmp_path: Path) -> Iterator[Callable[..., CarrierProcess]]:
    """Return `start_carrier(*options)`."""
    started: list[CarrierProcess] = []

    def start(*options: str) -> CarrierProcess:
        carrier = CarrierProcess(tmp_path / f"carrier-{len(started)}.jsonl", *options)
        started.append(carrier)
        carrier.start()
        return carrier

    yield start
    for carrier in started:
        if carrier.process is not None:
            carrier.kill()


@pytest.fixture
def carrier(start_carrier: Callable[..., CarrierProcess]) -> CarrierProcess:
    """A carrier where nothing goes wrong, with quick callbacks."""
    return start_carrier("--callback-delay", "0.05", "--latency-most", "0.002")


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A web server that hears webhooks."""
    listener = Listener()
    yield listener
    listener.close()
