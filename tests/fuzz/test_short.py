"""S5: asked at random, nothing answers 5xx or otherwise than described. Briefly; `make fuzz` asks at length."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.matrix.bodies import description
from tests.matrix.world import World, actors, relate, settle

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LEFT_OUT = ("v1/tokens", "session/", "second-factor")  # they end the sign-in of who asks
EXAMPLES = 4


@pytest.fixture(scope="module")
def operations() -> list[Any]:
    """Everything the description names, but for LEFT_OUT."""
    found = [each.ok() for each in schemathesis.openapi.from_dict(description()).get_all_operations()]
    return [each for each in found if not any(part in each.path for part in LEFT_OUT)]


@contextmanager
def served() -> Iterator[Any]:
    """Give the application as a server runs it, on the test's own connection, which nobody closes."""
    for each in (request_started, request_finished):
        each.disconnect(close_old_connections)
    yield get_wsgi_application()
    for each in (request_started, request_finished):
        each.connect(close_old_connections)


@pytest.mark.timeout(600)
def test_nothing_breaks_however_it_is_asked(operations, cast, api) -> None:
    world = settle(cast, api)
    relate(world)
    people = {name: api(actor).headers for name, actor in actors(cast).items()}

    with served() as application:
        broken = [found for each in operations for found in breaks(each, world, people, application)]

    assert not broken, "\n".join(broken[:20])


def breaks(operation: Any, world: World, people: dict[str, dict[str, str]], application: Any) -> list[str]:
    """Ask one operation a few times, as anybody, half the times of a row that exists; return what must not be."""
    there = world.ids.get(operation.path.removeprefix("/api/v1/").split("/", 1)[0])
    found: list[str] = []

    @seed(crc32(operation.label.encode()))
    @settings(max_examples=EXAMPLES, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(), who=st.sampled_from(sorted(people)), real=st.booleans())
    def ask(case: Any, who: str, real: bool) -> None:
        if real and there and "id" in case.path_parameters:
            case.path_parameters["id"] = there
        place = transaction.savepoint()
        response = case.call(app=application, headers=people[who])
        transaction.savepoint_rollback(place)
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            told = "; ".join(f"{each.title}: {each.message[:1200]}" for each in group.exceptions)
            found.append(f"{who}: {case.method} {case.formatted_path}: {response.status_code}: {told}")

    ask()
    return found
