"""What is done about one consent leaves those beside it as they are, and is done by who may see it."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from django.db import transaction

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.care_team.services import NewMember, add_member
from casemgmt.care_team.words import TeamRole
from casemgmt.clients.models import Client
from casemgmt.clients.restricting import restrict_client
from casemgmt.consent.disclosures import write_disclosure
from casemgmt.consent.doubting import ask_to_revoke_all
from casemgmt.consent.models import Consent, ConsentStep
from casemgmt.consent.words import ConsentStatus, CopyChannel
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotPermitted
from casemgmt.kernel.wall import acting_as
from tests.factories import consent as consents
from tests.factories import people

MACHINE = Actor.system("inbox")


@pytest.fixture
def given(cast) -> Consent:
    return consents.consent(people.client(cast.north), recipients=[cast.south])


def held_by(client: Client, organization: Organization) -> Consent:
    """Return a consent by which another organization discloses something of a client."""
    whole = asdict(consents.form(at=clock.now()))
    return Consent.objects.create(client=client, organization=organization, status=ConsentStatus.ACTIVE, **whole)


def suspended() -> set:
    return set(Consent.objects.filter(suspended_at__isnull=False).values_list("id", flat=True))


def test_a_text_suspends_what_this_organization_may_tell_of_this_client(cast, given) -> None:
    """P2-19a."""
    consents.consent(people.client(cast.north), recipients=[cast.south])
    held_by(given.client, cast.south)

    count = ask_to_revoke_all(
        client_id=given.client_id, organization_id=cast.north.id, channel=CopyChannel.TEXT, actor=MACHINE
    )

    assert (count, suspended()) == (1, {given.id})


def test_who_may_not_see_or_capture_consents_suspends_none(cast, given) -> None:
    whose = {"client_id": given.client_id, "organization_id": cast.north.id, "channel": CopyChannel.TEXT}

    with pytest.raises(NotPermitted):
        ask_to_revoke_all(**whose, actor=cast.peer)
    assert ask_to_revoke_all(**whose, actor=cast.outsider) == 0

    assert suspended() == set()
    assert not ConsentStep.objects.exists()


def test_the_steps_of_one_consent_are_listed(cast, api, given) -> None:
    other = consents.consent(given.client, recipients=[cast.east])
    web = api(cast.case_manager)
    for each in (given, other):
        assert web.post(f"consents/{each.id}/copies/", {"channel": "mail"}).status_code == 201

    listed = web.get(f"consents/{given.id}/steps/").json()["results"]

    assert [row["consent_id"] for row in listed] == [str(given.id)]


def test_nobody_witnesses_of_a_client_they_may_not_see(cast, api, given) -> None:
    """F10: a restricted client is absent for colleagues outside the team."""
    member = NewMember(cast.case_manager.id, TeamRole.CASE_MANAGER, lead=True)
    add_member(client_id=given.client_id, new=member, actor=cast.case_manager)
    restrict_client(client_id=given.client_id, reason="staff", actor=cast.supervisor)
    other = people.client(cast.north, given_name="Bea")
    assert api(cast.peer).get(f"clients/{other.id}/").status_code == 200

    answer = api(cast.peer).post(f"consents/{given.id}/witnesses/")

    assert (answer.status_code, ConsentStep.objects.count()) == (404, 0)


def test_what_was_taken_back_is_not_witnessed(cast, api, given) -> None:
    api(cast.case_manager).post(f"consents/{given.id}/revocations/", {"channel": "written"})

    answer = api(cast.peer).post(f"consents/{given.id}/witnesses/")

    assert (answer.status_code, answer.json()["code"]) == (409, "consent_not_active")
    assert not ConsentStep.objects.filter(what="witnessed").exists()


@pytest.mark.parametrize("status", ["covered_entity", "business_associate", "neither"])
@pytest.mark.parametrize("kind", ["tpo", "named_recipient"])
def test_hipaa_says_what_may_be_passed_on_only_of_tpo_consents_to_who_is_bound_by_it(cast, given, kind, status) -> None:
    """P2-21: the consent under which it left and the recipient it went to count, not others beside them."""
    Organization.objects.filter(pk=cast.south.id).update(hipaa_status=status)
    unlike = "neither" if status != "neither" else "covered_entity"
    Organization.objects.filter(pk=cast.east.id).update(hipaa_status=unlike)
    mine = consents.consent(given.client, recipients=[cast.south], type=kind)
    consents.consent(given.client, type="named_recipient" if kind == "tpo" else "tpo")
    new = consents.leaving(mine, cast.south)

    with transaction.atomic():
        row = write_disclosure(new, at=clock.now(), actor=cast.case_manager)

    bound = kind == "tpo" and status != "neither"
    assert row.redisclosure_basis == ("hipaa" if bound else "consent_only")


def test_only_those_who_capture_consents_give_copies(cast, api, given) -> None:
    for role in (Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, Role.INTAKE, Role.ADMIN):
        answer = api(cast.at_north[role]).post(f"consents/{given.id}/copies/", {"channel": "mail"})
        assert answer.status_code in (403, 404), role

    assert not ConsentStep.objects.exists()


def test_of_consents_one_sees_those_of_ones_own_organization_about_clients_one_sees(cast, given) -> None:
    """Asked of the query alone, without the second wall; peers and houses only witness (table 1.9)."""
    held_by(given.client, cast.south)
    held_by(people.client(cast.south), cast.north)

    with acting_as(MACHINE):
        seen = set(Consent.objects.visible_to(cast.case_manager).values_list("id", flat=True))
        by_peer = Consent.objects.visible_to(cast.peer).exists()
        by_machine = Consent.objects.visible_to(MACHINE).count()

    assert (seen, by_peer, by_machine) == ({given.id}, False, 3)


def test_what_may_let_an_organization_disclose_something_of_a_client_is_theirs_alone(cast, given) -> None:
    held_by(given.client, cast.south)
    another = people.client(cast.north)
    consents.consent(another, recipients=[cast.south])
    consents.restricted(another)
    consents.treatment_consent(given.client)
    consents.restricted(given.client, organization=cast.south)
    whose = {"client_id": given.client_id, "organization_id": cast.north.id}

    with acting_as(MACHINE):
        for found in (Consent.objects.to_disclose(**whose), Consent.objects.held(**whose)):
            assert [(each.id, each.restricting) for each in found] == [(given.id, [])]

    consents.restricted(given.client)
    with acting_as(MACHINE):
        for found in (Consent.objects.to_disclose(**whose), Consent.objects.held(**whose)):
            assert [len(each.restricting) for each in found] == [1]
