"""Preferences and the list of letters over HTTP, and what it costs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.notices.models import Preference
from casemgmt.notices.services.rounds import write_notices
from casemgmt.worklist.models import Priority
from tests.factories.worklist import item


def test_everybody_sets_their_own(cast, api) -> None:
    web = api(cast.peer)
    read = web.get("notice-preferences/")
    assert (read.json()["immediately"], read.json()["digest_hour"], read.headers["ETag"]) == ("urgent", 8, '"0"')

    changed = web.patch("notice-preferences/", {"digest_hour": 6, "digest_weekdays": [5, 1]}, If_Match='"0"')

    assert (changed.status_code, changed.json()["digest_weekdays"]) == (200, [1, 5])
    assert web.get("notice-preferences/").json() == changed.json()
    assert api(cast.case_manager).get("notice-preferences/").json()["digest_hour"] == 8
    assert web.patch("notice-preferences/", {"digest_hour": 7}, If_Match='"0"').status_code == 412
    assert web.patch("notice-preferences/", {"digest_hour": 7}).status_code == 428


@pytest.mark.parametrize(
    "wrong",
    [{"digest_hour": 24}, {"digest_weekdays": []}, {"digest_weekdays": [1, 1]}, {"timezone": "Mars/Base"},
     {"immediately": "never"}, {"urgent": False}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_changes_nothing(cast, api, wrong) -> None:
    assert api(cast.peer).patch("notice-preferences/", wrong, If_Match='"0"').status_code == 400
    assert not Preference.objects.exists()


def test_who_sees_which_letters(cast, api) -> None:
    for actor in (cast.case_manager, cast.peer):
        item(cast.north, None, priority=Priority.NOW, assignee_id=actor.id)
    item(cast.south, None, priority=Priority.NOW)
    write_notices()

    def seen(actor) -> set[str]:
        return {row["user_id"] for row in api(actor).get("notice-mails/").json()["results"]}

    both = {str(cast.case_manager.id), str(cast.peer.id)}
    assert seen(cast.peer) == {str(cast.peer.id)}
    assert seen(cast.at_north[Role.ADMIN]) == seen(cast.supervisor) == both
    assert seen(cast.therapist) == seen(cast.outsider) == set()


def test_a_long_list_costs_as_many_queries_as_a_short_one(cast, api) -> None:
    web = api(cast.at_north[Role.ADMIN])

    def cost(roles: list[Role]) -> int:
        for role in roles:
            item(cast.north, None, priority=Priority.NOW, role=role)
        write_notices()
        with CaptureQueriesContext(connection) as queries:
            assert web.get("notice-mails/").status_code == 200
        return len(queries)

    assert cost([Role.CASE_MANAGER]) == cost([Role.THERAPIST, Role.PEER_SPECIALIST, Role.SUPERVISOR, Role.ADMIN])
