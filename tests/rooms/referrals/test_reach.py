"""REF-04: whoever received a referral asks every address with ids of every table, and reaches the packet only."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from casemgmt.kernel.models import Entity
from referrals.models import Referral
from referrals.services.linking import make_link, open_link
from tests.cast import Cast
from tests.factories import consent as consents
from tests.factories import referrals as make
from tests.matrix.asking import operations
from tests.matrix.bodies import Bodies
from tests.matrix.world import NOBODY, World, settle

# What a referral's receiver reads by its id.
PACKET = {
    "referrals/<uuid:pk>/",
    "referrals/<uuid:pk>/transitions/",
    "referrals/<uuid:pk>/moves/",
    "outside/referral/",
    "outside/referral/transitions/",
}
SHOWN = ("referrals", "point")  # and the id of the number that the packet discloses
MARK = "Zuzanna"


class Walker:
    """Asks every GET address with every id, by one header."""

    def __init__(self, header: str) -> None:
        self.http, self.headers = Client(raise_request_exception=False), {"Authorization": header}

    def walk(self, ids: list[str]) -> dict[str, list[str]]:
        """Return the answers of 200 by route."""
        found: dict[str, list[str]] = {}
        for method, route in operations():
            if method != "get":
                continue
            for each in ids if "<uuid" in route else [""]:
                path = route.replace("<uuid:pk>", each).replace("<uuid:point>", each)
                if answer := self.read(path):
                    found.setdefault(route, []).append(answer)
        return found

    def read(self, path: str) -> str:
        """Return the text of a 200; any other answer is no answer."""
        place = transaction.savepoint()
        answer = self.http.get(f"/api/v1/{path}", headers=self.headers)
        transaction.savepoint_rollback(place)
        assert answer.status_code < 500, path
        return answer.content.decode() if answer.status_code == 200 else ""

    def meddle(self, world: World) -> dict[str, list[str]]:
        """Ask every address that names a row to change it, with a good body and every id.

        Return, by operation, the rows of which the answer says more than of a row that does not exist.
        """
        bodies, found = Bodies(world), {}
        for method, route in operations():
            if method == "get" or "<uuid" not in route:
                continue
            body = None if method == "delete" else bodies.body(method, route)
            absent = self.change(method, route, NOBODY, body)
            for name, each in sorted(world.ids.items()):
                if self.change(method, route, each, body) != absent:
                    found.setdefault(f"{method} {route}", []).append(name)
        return found

    def change(self, method: str, route: str, pk: str, body: Any) -> tuple[int, str]:
        """Return status and code of an operation on a row, which is taken back; no answer tells the client's name."""
        place = transaction.savepoint()
        path = route.replace("<uuid:pk>", pk).replace("<uuid:point>", pk)
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        asked = {**self.headers, "If-Match": '"1"'}
        answer = getattr(self.http, method)(f"/api/v1/{path}", headers=asked, **sent)
        transaction.savepoint_rollback(place)
        assert answer.status_code < 500, path
        assert MARK not in answer.content.decode(), path
        return answer.status_code, answer.json().get("code", "") if answer.content else ""


@pytest.fixture
def world(cast: Cast, api: Any) -> Any:
    """One client with one row of everything, whom South was asked to help, and whose name is said nowhere else."""
    found = settle(cast, api)
    referral = Referral.objects.get()
    client = referral.client
    client.given_name = MARK
    client.save(update_fields=["given_name"])
    return found


def all_ids() -> list[str]:
    """Return the ids of some rows of every table that has ids of ours."""
    models = [model for model in apps.get_models() if issubclass(model, Entity)]
    return sorted({str(pk) for model in models for pk in model._default_manager.values_list("pk", flat=True)[:2]})


@pytest.mark.timeout(600)
def test_a_receivers_token_reaches_the_packet_only(cast, api, world) -> None:
    """REF-04."""
    receiver = make.Case(cast, *[None] * 3).receiver  # type: ignore[list-item]
    ids = all_ids()
    assert len(ids) > 40

    found = Walker(api(receiver).headers["Authorization"]).walk(ids)

    telling = {route for route, answers in found.items() if any(MARK in each for each in answers)}
    assert telling <= PACKET, telling
    for route, answers in found.items():
        if "<uuid" in route and route.startswith("referrals/"):
            assert len(answers) <= 1, route
    hidden = {pk: name for name, pk in world.ids.items() if name not in SHOWN}
    hidden[str(Referral.objects.get().episode_id)] = "episode"
    for route in PACKET & found.keys():
        for each in found[route]:
            assert not {hidden[pk] for pk in hidden.keys() & set(_ids(json.loads(each)))}, route


def _ids(told: Any) -> list[str]:
    """Return every string in a JSON value."""
    if isinstance(told, dict):
        return [each for value in told.values() for each in _ids(value)]
    if isinstance(told, list):
        return [each for value in told for each in _ids(value)]
    return [told] if isinstance(told, str) else []


@pytest.mark.timeout(600)
def test_a_receivers_token_changes_the_referral_only(cast, api, world) -> None:
    """REF-04, REF-08: of what the receiver was not sent, no operation says more than that it is not there."""
    receiver = make.Case(cast, *[None] * 3).receiver  # type: ignore[list-item]

    found = Walker(api(receiver).headers["Authorization"]).meddle(world)

    published = {"programs", "residences", "sites"}  # everybody reads the directory
    assert {route: names for route, names in found.items() if not published.issuperset(names)} == {
        "patch referrals/<uuid:pk>/": ["referrals"],
        "post referrals/<uuid:pk>/transitions/": ["referrals"],
        "post referrals/<uuid:pk>/confirmations/": ["referrals"],
        "post referrals/<uuid:pk>/links/": ["referrals"],
    }


@pytest.mark.timeout(600)
def test_a_links_session_reaches_the_packet_only(cast, api, world) -> None:
    """F3."""
    with transaction.atomic():
        case = make.case(cast, phone=None)
        consents.notice(case.client)
        cast.south.joined = False
        cast.south.save(update_fields=["joined"])
    sent = case.sent()
    told = make_link(referral_id=sent.id, recipient_name="Dr. Who", actor=case.sender)
    session = open_link(token=told.token, pin=told.pin)

    walker = Walker(f"Link {session.secret}")
    found = walker.walk(all_ids())

    assert walker.meddle(world) == {}
    assert found.keys() == {"outside/referral/", "outside/referral/transitions/"}
    assert MARK not in "".join(found["outside/referral/"])
    assert json.loads(found["outside/referral/"][0])["id"] == str(sent.id)
