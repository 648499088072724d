"""Programs of an organization: scoped, expiring tokens without any human role (S3)."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import get_resolver

from casemgmt.accounts.models import ServiceAccount, ServiceToken
from casemgmt.accounts.roles import Role
from casemgmt.accounts.scopes import SCOPES, opens
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from tests.factories import people
from tests.web import Web


@pytest.fixture
def supervisor(cast):
    return Web(cast.supervisor)


def account(web: Web, name: str = "Directory sync") -> str:
    return web.post("service-accounts/", {"name": name}).json()["id"]


def issue(web: Web, **terms):
    return web.post("service-tokens/", {"account": account(web), "scopes": ["directory.read"], **terms})


def with_token(secret: str, address: str = "127.0.0.1") -> Web:
    web = Web()
    web.http.defaults["REMOTE_ADDR"] = address
    web.headers["Authorization"] = f"Bearer {secret}"
    return web


def test_a_token_opens_its_scope_and_nothing_else(cast, supervisor) -> None:
    client = people.client(cast.north)
    web = with_token(issue(supervisor).json()["token"])

    opened = [web.get(path).status_code for path in ("organizations/", "memberships/", "programs/")]
    closed = [web.get("me/"), web.get("clients/"), web.get(f"clients/{client.id}/"), web.post("programs/", {})]
    closed += [web.get("guidance/rules/"), web.post("service-tokens/", {}), web.delete("session/")]

    assert opened == [200, 200, 200]
    assert {(answer.status_code, answer.json()["code"]) for answer in closed} == {(403, "out_of_scope")}
    assert AuditEvent.objects.filter(actor_kind="service", reason_code="out_of_scope").count() == len(closed)


def test_the_secret_is_shown_once_and_kept_as_a_hash(supervisor) -> None:
    made = issue(supervisor, addresses=["127.0.0.0/8"])
    secret = made.json()["token"]

    listed = supervisor.get("service-tokens/").json()["results"]

    assert secret.startswith("casemgmt_svc_")
    assert secret not in str(listed) + str(list(ServiceToken.objects.values())) + str(list(AuditEvent.objects.values()))
    assert (listed[0]["scopes"], listed[0]["addresses"]) == (["directory.read"], ["127.0.0.0/8"])


@pytest.mark.parametrize("how", ["revoke", "expire", "disable"])
def test_whatever_ends_a_token_bites_at_its_next_request(supervisor, how) -> None:
    """S3: a token that was revoked does not work once more."""
    made = issue(supervisor).json()
    web = with_token(made["token"])
    assert web.get("organizations/").status_code == 200

    if how == "revoke":
        assert supervisor.delete(f"service-tokens/{made['id']}/").status_code == 204
        assert supervisor.delete(f"service-tokens/{made['id']}/").status_code == 404
    elif how == "expire":
        ServiceToken.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    else:
        assert supervisor.delete(f"service-accounts/{ServiceAccount.objects.get().id}/").status_code == 204

    answer = web.get("organizations/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_logged_in")


def test_a_token_opens_only_from_the_addresses_it_was_given(supervisor) -> None:
    secret = issue(supervisor, addresses=["203.0.113.0/24", "2001:db8::/32"]).json()["token"]

    found = {
        address: with_token(secret, address).get("organizations/").status_code
        for address in ("203.0.113.9", "2001:db8::9", "198.51.100.1", "")
    }

    assert found == {"203.0.113.9": 200, "2001:db8::9": 200, "198.51.100.1": 401, "": 401}


def test_its_use_is_noted(supervisor) -> None:
    web = with_token(issue(supervisor).json()["token"])
    assert ServiceToken.objects.get().last_used_at is None

    web.get("organizations/")
    web.get("organizations/")

    assert ServiceToken.objects.get().last_used_at is not None
    assert AuditEvent.objects.filter(action="service_token.first_used", actor_kind="service").count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"days": 91}, "days"),
        ({"days": 0}, "days"),
        ({"addresses": ["nowhere"]}, "addresses"),
        ({"addresses": ["203.0.113.1/24"]}, "addresses"),
    ],
)
def test_terms_that_are_none_are_refused(supervisor, wrong, field) -> None:
    answer = issue(supervisor, **wrong)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert ServiceToken.objects.count() == 0


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.SUPERVISOR)])
def test_only_those_who_run_accounts_keep_services(cast, supervisor, role) -> None:
    made, web = issue(supervisor).json(), Web(cast.at_north[role])
    known = str(ServiceAccount.objects.get().id)

    answers = [
        web.get("service-accounts/"),
        web.get("service-tokens/"),
        web.post("service-accounts/", {"name": "Mine"}),
        web.post("service-tokens/", {"account": known, "scopes": ["directory.read"]}),
        web.delete(f"service-tokens/{made['id']}/"),
        web.delete(f"service-accounts/{known}/"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 6
    assert (ServiceAccount.objects.count(), ServiceToken.objects.filter(revoked_at=None).count()) == (1, 1)


def test_another_organization_does_not_see_them(cast, supervisor) -> None:
    made, web = issue(supervisor).json(), Web(cast.at_south[Role.ADMIN])
    known = str(ServiceAccount.objects.get().id)

    assert web.get("service-tokens/").json()["results"] == []
    answers = [
        web.post("service-tokens/", {"account": known, "scopes": ["directory.read"]}),
        web.delete(f"service-tokens/{made['id']}/"),
        web.delete(f"service-accounts/{known}/"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert ServiceToken.objects.get().revoked_at is None


def test_a_disabled_account_gets_no_token_and_a_name_is_taken_once(supervisor) -> None:
    known = account(supervisor)
    taken = supervisor.post("service-accounts/", {"name": "Directory sync"})
    supervisor.delete(f"service-accounts/{known}/")

    refused = supervisor.post("service-tokens/", {"account": known, "scopes": ["directory.read"]})

    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    assert refused.status_code == 404
    assert ServiceToken.objects.count() == 0


def test_the_command_makes_one_too(cast) -> None:
    out = io.StringIO()
    said = {"organization": cast.north.id, "scope": ["catalog.read"], "days": 7, "stdout": out, "stderr": io.StringIO()}

    call_command("service_token", "Nightly", **said)
    with pytest.raises(CommandError, match="1 to 90"):
        call_command("service_token", "Nightly", **{**said, "days": 400})

    assert with_token(out.getvalue().strip()).get("guidance/rules/").status_code == 200
    assert (ServiceAccount.objects.count(), ServiceToken.objects.count()) == (1, 1)


def names(patterns) -> set[str]:
    found = set()
    for each in patterns:
        found |= names(each.url_patterns) if hasattr(each, "url_patterns") else {each.name}
    return found


def test_each_scope_opens_routes_that_exist_and_only_reads() -> None:
    doors = {door for scope in SCOPES.values() for door in scope}

    assert {name for _, name in doors} <= names(get_resolver().url_patterns)
    assert {method for method, _ in doors} == {"GET"}
    assert not opens(["gone"], ("GET", "organizations"))
