"""Ringing never holds up the work: not when the broker is gone, and not when it hangs (F4, F5)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from kombu.exceptions import OperationalError

from casemgmt.celery import Doorbell, configuration

PATIENCE = 4.0  # seconds; the request of a person, or the carrier's callback, waits for this


@pytest.fixture
def hanging() -> Iterator[str]:
    """Yield the address of a broker that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def gone() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.parametrize("broker", ["hanging", "gone"])
def test_a_ring_gives_up_within_seconds(request, broker) -> None:
    app = Doorbell("test", set_as_current=False)
    app.conf.update({**configuration(), "broker_url": request.getfixturevalue(broker)})

    began = time.monotonic()
    with pytest.raises((OperationalError, OSError)):
        app.send_task("casemgmt.outbox.tasks.relay")

    assert time.monotonic() - began < PATIENCE


def test_workers_wait_for_work_with_more_patience_than_a_ring() -> None:
    app = Doorbell("test", set_as_current=False)
    app.conf.update({**configuration(), "broker_url": "redis://127.0.0.1:1/0"})

    reading, writing = app.connection_for_read(), app.connection_for_write()

    assert reading.transport_options["socket_timeout"] > writing.transport_options["socket_timeout"]
    assert writing.transport_options["visibility_timeout"] == reading.transport_options["visibility_timeout"]
