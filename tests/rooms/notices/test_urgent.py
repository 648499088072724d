"""What is urgent is written about at once: to whom it falls, once, and without a word about anybody (SMS-43, F12)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.access.models import RestrictedBecause
from casemgmt.accounts.models import Membership, User
from casemgmt.accounts.roles import Role
from casemgmt.care_team.services import NewMember, add_member
from casemgmt.care_team.words import TeamRole
from casemgmt.clients.restricting import restrict_client
from casemgmt.kernel import clock
from casemgmt.notices.models import Mail
from casemgmt.notices.services.rounds import write_notices
from casemgmt.notices.services.telling import tell
from casemgmt.worklist.models import ItemKind, Priority, WorkItem
from casemgmt.worklist.services import assign_item, finish_item
from notifications.wording import lint
from tests.factories import care_team, people
from tests.factories.worklist import item

NOW = Priority.NOW


@pytest.fixture
def client(cast):
    return people.client(cast.north, given_name="Quentin", family_name="Xylander")


def test_it_comes_at_once_to_everybody_with_the_role_when_nobody_is_nearer(cast, client, outbox, address) -> None:
    second = people.staff(Role.CASE_MANAGER, at=cast.north)
    item(cast.north, client, priority=NOW)

    write_notices()

    assert sorted(each.to[0] for each in outbox) == sorted([address(cast.case_manager), address(second)])
    assert all(each.subject == "Something urgent waits for you" for each in outbox)


def test_it_comes_to_the_team_when_somebody_of_it_has_the_role(cast, client, outbox, address) -> None:
    people.staff(Role.CASE_MANAGER, at=cast.north)
    care_team.member(client, cast.case_manager)
    item(cast.north, client, priority=NOW)

    write_notices()

    assert [each.to for each in outbox] == [[address(cast.case_manager)]]


def test_an_urgent_thing_for_a_role_nobody_holds_comes_to_who_may_do_it(cast, client, outbox, address) -> None:
    Membership.objects.filter(user_id=cast.therapist.id).update(ended_at=clock.now())
    item(cast.north, client, priority=NOW, role=Role.THERAPIST)

    write_notices()

    assert [each.to for each in outbox] == [[address(cast.supervisor)]]


def test_it_says_nothing_about_whom_or_what(cast, client, outbox, address, settings) -> None:
    """SMS-43: no name, no number, no kind of work, no organization; the linter of texts finds nothing either."""
    item(cast.north, client, priority=NOW, kind=ItemKind.REPLY_CRISIS)
    write_notices()

    (letter,) = outbox
    said = f"{letter.subject} {letter.body}"
    assert letter.body.startswith("1 urgent thing waits for you.\n\nSign in: https://staff.careline.example\n")
    for word in ("Quentin", "Xylander", "3165550100", str(client.id), "North", "crisis", "danger", "client"):
        assert word.lower() not in said.lower(), word
    assert lint(letter.subject) is None
    lines = [line for line in letter.body.splitlines() if line and "://" not in line]
    assert [line for line in lines if lint(line)] == []
    assert letter.message()["Auto-Submitted"] == "auto-generated"
    assert str(Mail.objects.get().id) in letter.message()["Message-ID"]


def test_repeats_within_a_round_are_one_letter_with_their_number(cast, client, outbox) -> None:
    for _ in range(5):
        item(cast.north, client, priority=NOW)
    write_notices()
    write_notices()

    (letter,) = outbox
    assert letter.body.startswith("5 urgent things wait for you.")
    assert Mail.objects.get().told == 5


def test_what_comes_right_after_a_letter_waits_less_than_a_minute(cast, client, outbox, travel, morning) -> None:
    item(cast.north, client, priority=NOW)
    write_notices()
    travel(morning + timedelta(seconds=5))
    item(cast.north, client, priority=NOW)
    item(cast.north, client, priority=NOW)
    write_notices()
    assert len(outbox) == 1

    travel(morning + timedelta(seconds=50))
    write_notices()

    assert len(outbox) == 2
    assert outbox[1].body.startswith("2 urgent things")


def test_nothing_is_sent_about_what_was_done_meanwhile(cast, client, outbox) -> None:
    made = item(cast.north, client, priority=NOW)
    finish_item(item_id=made.id, outcome="settled", version=None, actor=cast.case_manager)
    told = item(cast.north, client, priority=NOW)
    tell()
    finish_item(item_id=told.id, outcome="settled", version=None, actor=cast.case_manager)
    write_notices()

    assert outbox == []
    assert list(Mail.objects.values_list("status", "reason")) == [("cancelled", "nothing_waits")]


def test_who_left_gets_nothing_and_their_work_is_told_to_the_others(cast, client, outbox, address) -> None:
    gone, off = (people.staff(Role.CASE_MANAGER, at=cast.north) for _ in range(2))
    mine = item(cast.north, client, priority=NOW, assignee_id=gone.id)
    Membership.objects.filter(user_id=gone.id).update(ended_at=clock.now())
    User.objects.filter(pk=off.id).update(is_active=False)

    write_notices()

    assert [each.to for each in outbox] == [[address(cast.case_manager)]]
    assert WorkItem.objects.get(pk=mine.id).told_at is not None


def test_who_leaves_between_telling_and_sending_gets_nothing(cast, client, outbox) -> None:
    item(cast.north, client, priority=NOW)
    tell()
    Membership.objects.filter(user_id=cast.case_manager.id).update(ended_at=clock.now())
    write_notices()

    assert outbox == []
    assert Mail.objects.get().reason == "not_here"


def test_who_may_not_see_the_client_is_not_told(cast, client, outbox, address) -> None:
    """HIP-10: of a restricted client only the team learns that something waits."""
    second = people.staff(Role.CASE_MANAGER, at=cast.north)
    therapist = NewMember(cast.therapist.id, TeamRole.THERAPIST)
    add_member(client_id=client.id, new=therapist, actor=cast.supervisor)
    restrict_client(client_id=client.id, reason=RestrictedBecause.STAFF, actor=cast.supervisor)
    for role in (Role.CASE_MANAGER, Role.THERAPIST):
        item(cast.north, client, priority=NOW, role=role)

    write_notices()

    assert address(second) != address(cast.case_manager)
    assert [each.to for each in outbox] == [[address(cast.therapist)]]


def test_being_given_work_is_told_and_taking_it_is_not(cast, client, outbox, address) -> None:
    second = people.staff(Role.CASE_MANAGER, at=cast.north)
    made = item(cast.north, client, priority=NOW, assignee_id=cast.case_manager.id)
    write_notices()
    outbox.clear()

    assign_item(item_id=made.id, assignee_id=second.id, version=None, actor=cast.supervisor)
    write_notices()
    assert [each.to for each in outbox] == [[address(second)]]

    outbox.clear()
    assign_item(item_id=made.id, assignee_id=cast.case_manager.id, version=None, actor=cast.case_manager)
    write_notices()
    assert outbox == []


def test_being_overdue_is_told_once(cast, client, outbox, travel, morning) -> None:
    item(cast.north, client, priority=NOW, hours=1)
    write_notices()
    travel(morning + timedelta(hours=1, minutes=1))
    write_notices()
    travel(morning + timedelta(hours=2))
    write_notices()

    assert len(outbox) == 2
