"""Giving and taking sight changes the rows that are meant, and leaves everybody else's as they are (P2-41, F10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from casemgmt.access.models import BreakGlass, Emergency, Grant, Reason, RestrictedBecause, Restriction, Scope
from casemgmt.access.querysets import live_grants
from casemgmt.access.services import (
    grant,
    grant_all,
    is_restricted,
    limit_grants,
    restore,
    revoke_grants,
    seen_by,
    withhold,
)
from casemgmt.accounts.models import Membership, Organization
from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from tests.factories import people

SYSTEM = Actor.system("test")
pytestmark = pytest.mark.django_db


def given(client_id: UUID, organization: Organization, **changes) -> Grant:
    """Give a grant of a source of its own, and return it."""
    about = {"reason": Reason.REFERRAL, "source_id": uuid4(), **changes}
    with transaction.atomic():
        grant(client_id=client_id, organization_id=organization.id, actor=SYSTEM, **about)
    return Grant.objects.filter(
        client_id=client_id, organization_id=organization.id, source_id=about["source_id"]
    ).latest("id")


def restricted(client_id: UUID, organization: Organization) -> Restriction:
    return Restriction.objects.create(
        client_id=client_id,
        organization_id=organization.id,
        reason=RestrictedBecause.STAFF,
        started_by=uuid4(),
    )


def opened(by: Actor, client_id: UUID, *, expires_at: datetime) -> BreakGlass:
    return BreakGlass.objects.create(
        client_id=client_id,
        organization_id=by.organization_id,
        user_id=by.id,
        reason=Emergency.MEDICAL,
        explanation="Found unconscious in our waiting room.",
        expires_at=expires_at,
        review_due_at=expires_at,
    )


@pytest.fixture
def client(cast) -> Client:
    return people.client(cast.north)


@pytest.fixture
def other(cast) -> Client:
    return people.client(cast.north)


def test_a_grant_is_taken_back_once_and_no_other_with_it(cast, client) -> None:
    mine, beside = given(client.id, cast.south), given(client.id, cast.south)
    first = clock.now()

    with transaction.atomic():
        taken = revoke_grants(source_id=mine.source_id, at=first, actor=SYSTEM)
        again = revoke_grants(source_id=mine.source_id, at=first + timedelta(hours=1), actor=SYSTEM)

    mine.refresh_from_db()
    beside.refresh_from_db()
    assert (taken, again) == (1, 0)
    assert (mine.revoked_at, beside.revoked_at) == (first, None)


def test_a_limit_shortens_what_lasts_longer_and_nothing_else(cast, client) -> None:
    now = clock.now()
    until = now + timedelta(days=3)
    source = uuid4()
    unlimited = given(client.id, cast.south, source_id=source)
    longer = given(client.id, cast.east, source_id=source, expires_at=now + timedelta(days=9))
    shorter = given(client.id, cast.north, source_id=source, expires_at=now + timedelta(days=1))
    gone = given(client.id, cast.north, source_id=source, scope=Scope.PACKET)
    Grant.objects.filter(pk=gone.pk).update(revoked_at=now)
    beside = given(client.id, cast.south)

    with transaction.atomic():
        changed = limit_grants(source_id=source, until=until, actor=SYSTEM)

    ends = [Grant.objects.get(pk=each.pk).expires_at for each in (unlimited, longer, shorter, gone, beside)]
    assert changed == 2
    assert ends == [until, until, now + timedelta(days=1), None, None]


def test_restricted_is_a_client_at_an_organization_while_it_lasts(cast, client, other) -> None:
    restriction = restricted(client.id, cast.north)

    asked = [(client, cast.north), (client, cast.south), (other, cast.north)]
    assert [is_restricted(who.id, organization_id=where.id) for who, where in asked] == [True, False, False]

    restriction.ended_at, restriction.ended_by = clock.now(), uuid4()
    restriction.save(update_fields=["ended_at", "ended_by"])

    assert not is_restricted(client.id, organization_id=cast.north.id)
    assert list(Restriction.objects.open()) == []


def test_what_is_given_to_all_of_an_organization_that_restricts_the_client_opens_nothing(cast, client) -> None:
    restricted(client.id, cast.north)

    record = given(client.id, cast.north, reason=Reason.CARE)
    packet = given(client.id, cast.north, scope=Scope.PACKET)
    person = given(client.id, cast.north, user_id=cast.therapist.id, reason=Reason.CARE_TEAM)
    elsewhere = given(client.id, cast.south)

    assert [each.scope for each in (record, packet, person, elsewhere)] == ["withheld", "packet", "record", "record"]


def test_giving_many_withholds_those_who_are_restricted_here(cast, client, other) -> None:
    elsewhere = people.client(cast.east)
    restricted(client.id, cast.south)
    restricted(other.id, cast.north)
    restricted(elsewhere.id, cast.east)

    with transaction.atomic():
        grant_all(client_ids=[client.id, other.id], organization_id=cast.south.id, reason=Reason.EXPLICIT, actor=SYSTEM)

    made = Grant.objects.filter(organization_id=cast.south.id, reason=Reason.EXPLICIT)
    assert dict(made.values_list("client_id", "scope")) == {client.id: "withheld", other.id: "record"}


def test_withholding_and_restoring_change_what_the_whole_organization_was_given(cast, client, other) -> None:
    here, person = given(client.id, cast.north), given(client.id, cast.north, user_id=cast.therapist.id)
    packet = given(client.id, cast.north, scope=Scope.PACKET)
    elsewhere, another = given(client.id, cast.south), given(other.id, cast.north)
    gone = given(client.id, cast.north)
    Grant.objects.filter(pk=gone.pk).update(revoked_at=clock.now())
    all_of_them = (here, person, packet, elsewhere, another, gone)

    def scopes() -> list[str]:
        return [Grant.objects.get(pk=each.pk).scope for each in all_of_them]

    with transaction.atomic():
        withhold(client_id=client.id, organization_id=cast.north.id, actor=SYSTEM)
    withheld = scopes()
    Grant.objects.filter(pk__in=[elsewhere.pk, another.pk, gone.pk, person.pk]).update(scope=Scope.WITHHELD)
    with transaction.atomic():
        restore(client_id=client.id, organization_id=cast.north.id, actor=SYSTEM)

    assert withheld == ["withheld", "record", "packet", "record", "record", "record"]
    assert scopes() == ["record", "withheld", "packet", "withheld", "withheld", "withheld"]


def test_who_sees_a_restricted_client_is_the_team_that_works_here(cast, client, other) -> None:
    def on_team(who: Actor, about: Client = client, where: Organization = cast.north, **more) -> Grant:
        return given(about.id, where, user_id=who.id, reason=Reason.CARE_TEAM, **more)

    on_team(cast.case_manager)
    on_team(cast.case_manager)  # for two roles: one person
    on_team(cast.therapist, about=other)
    on_team(cast.therapist, where=cast.south)
    given(client.id, cast.north, user_id=cast.peer.id, reason=Reason.ALERT)
    left = on_team(cast.supervisor)
    Grant.objects.filter(pk=left.pk).update(revoked_at=clock.now())
    people_here = seen_by(client_id=client.id, organization_id=cast.north.id)
    Membership.objects.filter(user_id=cast.case_manager.id).update(ended_at=clock.now())

    assert people_here == 1
    assert seen_by(client_id=client.id, organization_id=cast.north.id) == 0


def test_a_member_elsewhere_or_a_disabled_person_does_not_count_as_team(cast, client) -> None:
    stranger = next(iter(cast.at_south.values()))
    given(client.id, cast.north, user_id=stranger.id, reason=Reason.CARE_TEAM)
    given(client.id, cast.north, user_id=cast.therapist.id, reason=Reason.CARE_TEAM)
    before = seen_by(client_id=client.id, organization_id=cast.north.id)
    member = Membership.objects.get(user_id=cast.therapist.id)
    member.user.is_active = False
    member.user.save(update_fields=["is_active"])

    assert (before, seen_by(client_id=client.id, organization_id=cast.north.id)) == (1, 0)


def test_a_row_is_found_by_its_id(cast, client, other) -> None:
    first, second = restricted(client.id, cast.north), restricted(other.id, cast.north)

    with transaction.atomic():
        locked = [Restriction.objects.all().lock(each.pk) for each in (first, second)]
    fetched = [Restriction.objects.all().fetch(each.pk) for each in (first, second)]

    assert locked == fetched == [first, second]


def test_restrictions_are_shown_to_the_organization_that_made_them(cast, client) -> None:
    north, south = restricted(client.id, cast.north), restricted(client.id, cast.south)

    seen = [list(Restriction.objects.visible_to(who)) for who in (cast.supervisor, cast.therapist, SYSTEM)]

    assert seen[:2] == [[north], []]
    assert set(seen[2]) == {north, south}


def test_opened_glass_is_shown_to_reviewers_and_to_who_opened_it(cast, client) -> None:
    now = clock.now()
    mine = opened(cast.therapist, client.id, expires_at=now + timedelta(minutes=5))
    old = opened(cast.therapist, client.id, expires_at=now - timedelta(minutes=5))
    colleague = opened(cast.peer, client.id, expires_at=now + timedelta(minutes=5))
    officer = cast.at_north[Role.PRIVACY_OFFICER]
    nobody = replace(officer, id=None)

    seen = {
        "opener": set(BreakGlass.objects.visible_to(cast.therapist)),
        "reviewer": set(BreakGlass.objects.visible_to(officer)),
        "reviewer elsewhere": set(BreakGlass.objects.visible_to(cast.at_south[Role.PRIVACY_OFFICER])),
        "no person": set(BreakGlass.objects.visible_to(nobody)),
        "open now": set(BreakGlass.objects.live()),
    }

    assert seen == {
        "opener": {mine, old},
        "reviewer": {mine, old, colleague},
        "reviewer elsewhere": set(),
        "no person": set(),
        "open now": {mine, colleague},
    }


def test_what_broken_glass_shows_is_seen_by_who_reads_and_by_nobody_who_writes(cast, client) -> None:
    """HIP-10."""
    by_glass = given(client.id, cast.north, user_id=cast.therapist.id, reason=Reason.BREAK_GLASS)
    Grant.objects.filter(client_id=client.id).exclude(pk=by_glass.pk).update(revoked_at=clock.now())
    writing, reading = replace(cast.therapist, reading=False), replace(cast.therapist, reading=True)

    assert list(live_grants(reading)) == [by_glass]
    assert list(live_grants(writing)) == []
    assert list(Client.objects.visible_to(reading)) == [client]
    assert list(Client.objects.visible_to(writing)) == []
