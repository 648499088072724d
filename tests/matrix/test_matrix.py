"""Every route, method and kind of actor: as declared; a refusal changes nothing and is on record (S1, S9), and so
is every client who was shown (S7)."""

from __future__ import annotations

import pytest

from .asking import Asker, operations
from .bodies import description
from .rooms import PUBLIC, rooms
from .world import actors, locked_out, relate, settle

ROOMS = rooms()
DECLARED = {(method, route): letters for lines in ROOMS.values() for method, route, letters in lines}
KINDS = 16  # of actors, at least (S1)


@pytest.fixture
def world(cast, api):
    """The client, everything about them, and everybody who asks."""
    return settle(cast, api)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("room", ROOMS)
def test_everybody_is_answered_as_the_table_says(cast, api, world, room) -> None:
    """S1, S7, S9, HIP-04."""
    screens = {name: api(actor) for name, actor in actors(cast).items()}
    relate(world)
    asker, wrong = Asker(world), []
    assert len(screens) >= KINDS

    for method, route, letters in ROOMS[room]:
        assert len(letters) == len(screens)
        for (name, web), letter in zip(screens.items(), letters, strict=True):
            heard = asker.ask(web, method, route)
            if heard.letter != letter:
                wrong.append(f"{name}: {method} {route} is {heard.letter}, declared {letter}")
            if heard.changed:
                wrong.append(f"{name}: {method} {route} was refused and changed something")
            if heard.unseen:
                wrong.append(f"{name}: {method} {route} showed a client without an audit row that says so")
            if heard.letter in "fh" and heard.refusals != 1:
                wrong.append(f"{name}: {method} {route} was refused without one audit row")
            if heard.letter == "h" and "<" in route and asker.ask(web, method, route, absent=True).body != heard.body:
                wrong.append(f"{name}: {method} {route} tells hidden from absent")

    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(200)
def test_who_holds_no_good_key_gets_nowhere(cast, world) -> None:
    """S3: no key, a disabled person's, and a former colleague's."""
    screens = locked_out(cast)
    asker, wrong = Asker(world), []

    for name, web in screens.items():
        for method, route in DECLARED.keys() - PUBLIC:
            heard = asker.ask(web, method, route)
            if heard.letter != "u" or heard.changed:
                wrong.append(f"{name}: {method} {route} is {heard.letter}")

    assert not wrong, "\n".join(wrong)


def test_every_operation_is_declared_and_described() -> None:
    """S1: a new route without a line in the table fails here, and so does a line without a route."""
    described = {
        (method, path.removeprefix("/api/v1/"))
        for path, found in description()["paths"].items()
        for method in found
        if path.startswith("/api/v1/") and method != "parameters"
    }
    named = {
        (method, route.replace("<uuid:pk>", "{id}").replace("<uuid:point>", "{point}")) for method, route in DECLARED
    }

    assert sorted(operations().keys() - DECLARED.keys()) == []
    assert sorted(DECLARED.keys() - operations().keys()) == []
    assert described == named


def test_nothing_is_declared_twice() -> None:
    lines = [(method, route) for found in ROOMS.values() for method, route, _ in found]

    assert len(lines) == len(set(lines)) == len(DECLARED)
