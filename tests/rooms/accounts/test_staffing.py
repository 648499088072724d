"""Inviting staff, passwords, and taking accounts and roles away at the next request (S3, HIP-03)."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import call_command

from casemgmt.accounts.models import ApiToken, Factor, Invitation, Membership, User
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from tests.factories import people
from tests.web import Web

from .test_second_factor import enroll

NEW = "another long passphrase"
NORA = {"email": "Nora@Example.org", "name": "Nora", "roles": ["case_manager"]}


def login(email: str, password: str, **more: str):
    return Web().post("tokens/", {"email": email, "password": password, **more})


def accept(link, password: str = NEW, **changes):
    body = {"token": link["token"], "organization": link["organization_id"], "password": password}
    return Web().post("invitations/accept/", {**body, **changes})


@pytest.fixture
def colleague(cast):
    """A case manager of North who has a password."""
    return people.staff(Role.CASE_MANAGER, at=cast.north, password=people.PASSWORD)


def email_of(actor) -> str:
    return User.objects.get(pk=actor.id).email


def test_an_invitation_makes_an_account_once(cast) -> None:
    link = Web(cast.supervisor).post("invitations/", NORA).json()

    assert accept(link).status_code == 204
    again = accept(link, "yet another passphrase")

    assert again.status_code == 404
    assert login("nora@example.org", NEW).status_code == 201
    assert login("nora@example.org", "yet another passphrase").status_code == 401
    assert list(Membership.objects.filter(user__email="nora@example.org").values_list("role", "organization")) == [
        ("case_manager", cast.north.id)
    ]
    assert Invitation.objects.get().digest != link["token"]


@pytest.mark.parametrize("how", ["other organization", "expired", "withdrawn", "unknown"])
def test_a_link_that_is_none_opens_nothing(cast, how) -> None:
    web = Web(cast.supervisor)
    link = web.post("invitations/", NORA).json()
    changes = {}
    if how == "other organization":
        changes = {"organization": str(cast.south.id)}
    elif how == "expired":
        Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    elif how == "withdrawn":
        assert web.delete(f"invitations/{link['id']}/").status_code == 204
    else:
        changes = {"token": "x" * 43}

    answer = accept(link, **changes)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not User.objects.filter(email="nora@example.org").exists()


@pytest.mark.parametrize("password", ["short", "123456789987654321", "12345678901234567890", "nora@example.org"])
def test_a_weak_password_is_refused_and_the_link_stays_good(cast, password) -> None:
    link = Web(cast.supervisor).post("invitations/", NORA).json()

    answer = accept(link, password)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["password"])
    assert not User.objects.filter(email="nora@example.org").exists()
    assert accept(link).status_code == 204


def test_who_has_an_account_keeps_its_password_and_tells_it(cast) -> None:
    there = people.staff(Role.THERAPIST, at=cast.south, password=people.PASSWORD)
    asked = Web(cast.supervisor).post("invitations/", {**NORA, "email": email_of(there)})

    wrong = accept(asked.json())
    right = accept(asked.json(), people.PASSWORD)

    assert asked.json().keys() == {"id", "token", "organization_id", "expires_at"}  # as for a stranger
    assert (wrong.status_code, wrong.json()["code"], right.status_code) == (401, "bad_login", 204)
    assert Membership.objects.filter(user_id=there.id).count() == 2


@pytest.mark.parametrize("role", ["admin", "supervisor", "privacy_officer"])
def test_a_supervisor_makes_nobody_mightier(cast, role) -> None:
    refused = Web(cast.supervisor).post("invitations/", {**NORA, "roles": ["case_manager", role]})
    made = Web(cast.at_north[Role.ADMIN]).post("invitations/", {**NORA, "roles": [role]})

    assert (refused.status_code, made.status_code) == (403, 201)
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.SUPERVISOR)])
def test_others_neither_invite_nor_reset_nor_disable(cast, colleague, role) -> None:
    web = Web(cast.at_north[role])
    held = Membership.objects.get(user_id=colleague.id)

    answers = [
        web.post("invitations/", NORA),
        web.get("invitations/"),
        *(web.post(f"staff/{colleague.id}/{what}/") for what in ("password-reset", "second-factor-reset", "disable")),
        web.delete(f"memberships/{held.id}/"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 6
    assert User.objects.get(pk=colleague.id).is_active
    assert Membership.objects.get(user_id=colleague.id).ended_at is None
    assert Invitation.objects.count() == 0


def test_changing_the_password_ends_the_other_sign_ins(cast, colleague) -> None:
    """S3: whoever stole a session loses it."""
    here, there = Web(colleague), Web(colleague)

    changed = here.post("me/password/", {"current": people.PASSWORD, "new": NEW})

    assert changed.status_code == 204
    assert (here.get("me/").status_code, there.get("me/").status_code) == (200, 401)
    assert login(email_of(colleague), people.PASSWORD).status_code == 401
    assert login(email_of(colleague), NEW).status_code == 201


def test_the_password_is_not_changed_by_who_does_not_know_it(colleague) -> None:
    web = Web(colleague)

    wrong = [web.post("me/password/", {"current": f"wrong {number}", "new": NEW}) for number in range(6)]

    assert [answer.status_code for answer in wrong] == [400] * 5 + [429]
    assert wrong[0].json()["code"] == "wrong_password"
    assert login(email_of(colleague), people.PASSWORD).status_code == 201


def test_a_reset_sets_the_password_once_and_the_second_factor_is_still_asked_for(cast, colleague) -> None:
    """HIP-03: a reset is no way around the second factor."""
    web = Web(colleague)
    enroll(web)

    link = Web(cast.supervisor).post(f"staff/{colleague.id}/password-reset/").json()
    before = web.get("me/").status_code
    assert accept(link).status_code == 204

    opened = login(email_of(colleague), NEW)
    assert (before, web.get("me/").status_code) == (200, 401)
    assert (opened.status_code, opened.json()["second_factor"]) == (201, "needed")
    assert accept(link, "yet another passphrase").status_code == 404


def test_a_reset_of_the_second_factor_ends_all_sign_ins_and_is_audited(cast, colleague, settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    web = Web(colleague)
    enroll(web)
    keeper = Web(cast.supervisor)
    enroll(keeper)

    assert keeper.post(f"staff/{colleague.id}/second-factor-reset/").status_code == 204

    assert (web.get("me/").status_code, Factor.objects.filter(user_id=colleague.id).count()) == (401, 0)
    assert login(email_of(colleague), people.PASSWORD).json()["second_factor"] == "to_enroll"
    row = AuditEvent.objects.get(action="second_factor.reset")
    assert (row.actor_id, row.object_id) == (cast.supervisor.id, colleague.id)


def test_a_disabled_colleague_is_out_at_the_next_request(cast, colleague) -> None:
    """S3: sessions and tokens alike."""
    web = Web(colleague)
    assert web.get("me/").status_code == 200

    assert Web(cast.supervisor).post(f"staff/{colleague.id}/disable/").status_code == 204

    assert web.get("me/").status_code == 401
    assert login(email_of(colleague), people.PASSWORD).status_code == 401
    assert ApiToken.objects.filter(user_id=colleague.id, revoked_at=None).count() == 0


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(cast, colleague) -> None:
    """S3: the last role takes the way in with it."""
    web, held = Web(colleague), Membership.objects.get(user_id=colleague.id)

    assert Web(cast.supervisor).delete(f"memberships/{held.id}/").status_code == 204

    assert web.get("me/").status_code == 401


@pytest.mark.parametrize("what", ["password-reset", "second-factor-reset", "disable"])
def test_nobody_does_it_to_themselves_to_the_mightier_or_to_who_works_elsewhere(cast, colleague, what) -> None:
    Membership.objects.create(user_id=colleague.id, organization=cast.south, role=Role.THERAPIST)
    web = Web(cast.supervisor)
    targets = [cast.supervisor, cast.at_north[Role.ADMIN], colleague, cast.at_south[Role.THERAPIST]]

    answers = [web.post(f"staff/{target.id}/{what}/").status_code for target in targets]

    assert answers == [403, 403, 403, 404]
    assert User.objects.filter(is_active=False).count() + Invitation.objects.count() == 0
    assert not AuditEvent.objects.filter(action="second_factor.reset").exists()


def test_the_command_invites_the_first_person(cast) -> None:
    out = io.StringIO()
    said = {"name": "Ada", "organization": cast.east.id, "role": ["admin"], "stdout": out, "stderr": io.StringIO()}
    call_command("invite", "ada@example.org", **said)

    assert accept({"token": out.getvalue().strip(), "organization_id": str(cast.east.id)}).status_code == 204
    opened = login("ada@example.org", NEW)
    assert opened.status_code == 201


def test_no_secret_of_a_link_is_kept_or_audited(cast, colleague) -> None:
    web = Web(cast.supervisor)
    tokens = [
        web.post("invitations/", NORA, Idempotency_Key="one").json()["token"],
        web.post(f"staff/{colleague.id}/password-reset/", Idempotency_Key="two").json()["token"],
    ]

    kept = str(list(Invitation.objects.values())) + str(list(AuditEvent.objects.values()))
    assert not [token for token in tokens if token in kept]
    assert "nora" not in str(list(AuditEvent.objects.values())).lower()
