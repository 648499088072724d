"""Between signature and end: copies, witnesses, disputes, wishes to revoke (P2-18, P2-19a, P2-25, table 1.9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.consent.doubting import (
    ask_to_revoke,
    ask_to_revoke_all,
    dispute_consent,
    keep_consent,
    settle_dispute,
)
from casemgmt.consent.models import Consent, ConsentStep, Disclosure
from casemgmt.consent.words import CopyChannel
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted, NotVisible, StaleVersion
from casemgmt.worklist.models import WorkItem
from tests.factories import consent as consents
from tests.factories import people


@pytest.fixture
def given(cast) -> Consent:
    """A consent of a client of North that names South."""
    return consents.consent(people.client(cast.north), recipients=[cast.south])


def say(web, given, **changes):
    """Try to disclose something under the consent."""
    return web.post(f"clients/{given.client_id}/oral-disclosures/", consents.spoken(given.south, **changes))


@pytest.fixture
def web(cast, api, given):
    """North's case manager."""
    given.south = cast.south
    return api(cast.case_manager)


def open_kinds() -> list[str]:
    return sorted(WorkItem.objects.open().exclude(kind="statement_owed").values_list("kind", flat=True))


def test_a_disputed_consent_lets_nothing_leave_until_that_is_settled(web, given) -> None:
    """P2-18: `consent_disputed`, and undone."""
    disputed = web.post(f"consents/{given.id}/disputes/", {"reason": "The signature is not the client's."})
    asked = open_kinds()
    refused = say(web, given)
    nothing = Disclosure.objects.count()
    settled = web.post(f"consents/{given.id}/disputes/settlement/", {"reason": "The client says it is."})

    assert (disputed.status_code, refused.status_code, refused.json()["code"]) == (200, 422, "consent_disputed")
    assert (nothing, asked, open_kinds()) == (0, ["consent_disputed"], [])
    assert (settled.status_code, settled.json()["disputed_at"]) == (200, None)
    assert say(web, given).status_code == 201
    assert [step.what for step in given.steps.order_by("id")] == ["disputed", "dispute_settled"]


def test_what_the_client_wrote_suspends_until_somebody_asks(web, given) -> None:
    """P2-19a: a request, the same day's work, no disclosure meanwhile."""
    at = clock.now()
    asked = web.post(f"consents/{given.id}/revocation-requests/", {"channel": "text"})
    item = WorkItem.objects.open().get()
    refused = say(web, given)
    nothing = Disclosure.objects.count()
    kept = web.post(f"consents/{given.id}/revocation-requests/dismissal/", {"reason": "Meant the texts only."})

    assert (asked.json()["status"], asked.json()["suspended_at"] is not None) == ("active", True)
    assert (item.kind, item.role, item.priority) == ("consent_revocation", "case_manager", 1)
    assert at < item.due_at <= at + timedelta(hours=24)
    assert (refused.json()["code"], nothing) == ("consent_suspended", 0)
    assert (kept.json()["suspended_at"], open_kinds()) == (None, [])
    assert say(web, given).status_code == 201


def test_revoking_confirms_what_the_client_wrote(web, given) -> None:
    web.post(f"consents/{given.id}/revocation-requests/", {"channel": "text"})

    revoked = web.post(f"consents/{given.id}/revocations/", {"channel": "written"})

    assert (revoked.json()["status"], revoked.json()["suspended_at"], open_kinds()) == ("revoked", None, [])
    assert say(web, given).json()["code"] == "consent_revoked"


def test_a_text_names_no_consent_so_all_that_disclose_are_suspended_once(cast, given) -> None:
    """P2-19a: the door for what comes by text; consent to service goes on."""
    second = consents.consent(given.client, recipients=[cast.east])
    service = consents.treatment_consent(given.client)
    machine, whose = Actor.system("inbox"), {"client_id": given.client_id, "organization_id": cast.north.id}

    first = ask_to_revoke_all(**whose, channel=CopyChannel.TEXT, actor=machine)
    again = ask_to_revoke_all(**whose, channel=CopyChannel.TEXT, actor=machine)

    suspended = set(Consent.objects.filter(suspended_at__isnull=False).values_list("id", flat=True))
    assert (first, again, suspended) == (2, 0, {given.id, second.id})
    assert Consent.objects.get(pk=service.id).suspended_at is None
    assert open_kinds() == ["consent_revocation", "consent_revocation"]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("disputes/settlement/", {"reason": "x"}, "not_disputed"),
        ("revocation-requests/dismissal/", {"reason": "x"}, "not_suspended"),
    ],
)
def test_what_was_not_begun_is_not_ended(web, given, path, body, code) -> None:
    answer = web.post(f"consents/{given.id}/{path}", body)

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert ConsentStep.objects.count() == 0


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("disputes/", {"reason": "x"}, "already_disputed"),
        ("revocation-requests/", {"channel": "mail"}, "already_suspended"),
    ],
)
def test_what_was_begun_is_not_begun_twice(web, given, path, body, code) -> None:
    web.post(f"consents/{given.id}/{path}", body)

    answer = web.post(f"consents/{given.id}/{path}", body)

    assert (answer.status_code, answer.json()["code"], ConsentStep.objects.count()) == (409, code, 1)


@pytest.mark.parametrize("path", ["disputes/", "disputes/settlement/", "revocation-requests/dismissal/"])
def test_a_doubt_says_why(web, given, path) -> None:
    answer = web.post(f"consents/{given.id}/{path}", {"reason": " "})

    assert (answer.status_code, ConsentStep.objects.count()) == (400, 0)


def test_only_what_is_in_force_is_doubted(cast, api) -> None:
    draft = Consent.objects.create(client=people.client(cast.north), organization=cast.north, type="tpo")
    web = api(cast.case_manager)

    for path, body in (("disputes/", {"reason": "x"}), ("revocation-requests/", {"channel": "text"})):
        assert web.post(f"consents/{draft.id}/{path}", body).json()["code"] == "consent_not_active"
    assert web.post(f"consents/{draft.id}/copies/", {"channel": "mail"}).json()["code"] == "consent_not_active"
    assert ConsentStep.objects.count() == 0


def test_a_copy_is_given_with_its_way_and_time(web, given) -> None:
    """P2-25."""
    earlier = clock.now() - timedelta(hours=1)

    now = web.post(f"consents/{given.id}/copies/", {"channel": "in_person"})
    past = web.post(f"consents/{given.id}/copies/", {"channel": "mail", "given_at": earlier.isoformat()})
    later = (clock.now() + timedelta(minutes=1)).isoformat()
    future = web.post(f"consents/{given.id}/copies/", {"channel": "mail", "given_at": later})
    listed = web.get(f"consents/{given.id}/steps/").json()["results"]

    assert (now.status_code, past.status_code, future.status_code) == (201, 201, 400)
    assert [(step["what"], step["channel"]) for step in listed] == [("copy_given", "mail"), ("copy_given", "in_person")]


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER])
def test_peers_and_houses_witness_and_learn_nothing_by_it(cast, api, given, role) -> None:
    """Table 1.9."""
    witness = api(cast.at_north[role])

    made = witness.post(f"consents/{given.id}/witnesses/")
    again = witness.post(f"consents/{given.id}/witnesses/")

    assert (made.status_code, set(made.json())) == (201, {"consent_id", "at"})
    assert (again.status_code, again.json()["code"]) == (409, "already_witnessed")
    assert witness.get(f"consents/{given.id}/steps/").status_code == 404
    assert ConsentStep.objects.get().actor_id == cast.at_north[role].id


def test_nobody_witnesses_what_they_wrote_down_or_do_not_see(cast, api) -> None:
    client = people.client(cast.north)
    web = api(cast.case_manager)
    made = web.post("consents/", consents.request(client, cast.south)).json()["id"]

    own = web.post(f"consents/{made}/witnesses/")
    hidden = api(cast.at_south[Role.PEER_SPECIALIST]).post(f"consents/{made}/witnesses/")

    assert (own.json()["code"], hidden.status_code, ConsentStep.objects.count()) == ("own_record", 404, 0)


SETTLED_BY_FEW = {
    "disputes": {"reason": "The signature is not the client's."},
    "disputes/settlement": {"reason": "The client says it is."},
    "revocation-requests": {"channel": "text"},
    "revocation-requests/dismissal": {"reason": "Meant the texts only."},
}


def in_doubt(given: Consent) -> None:
    """Let a consent be disputed and suspended, so that each of the four has something to settle."""
    Consent.objects.filter(pk=given.pk).update(disputed_at=clock.now(), suspended_at=clock.now())


@pytest.mark.parametrize("path", SETTLED_BY_FEW)
def test_a_peer_who_sees_the_client_settles_nothing(cast, api, given, path) -> None:
    if path.endswith(("settlement", "dismissal")):
        in_doubt(given)
    before = Consent.objects.values("version", "disputed_at", "suspended_at").get()

    answer = api(cast.peer).post(f"consents/{given.id}/{path}/", SETTLED_BY_FEW[path])

    assert answer.status_code in {403, 404}
    assert Consent.objects.values("version", "disputed_at", "suspended_at").get() == before
    assert not ConsentStep.objects.exists()


DOORS = {
    "dispute": lambda **known: dispute_consent(reason="Not theirs.", **known),
    "settle": lambda **known: settle_dispute(reason="It is theirs.", **known),
    "ask": lambda **known: ask_to_revoke(channel=CopyChannel.TEXT, **known),
    "keep": lambda **known: keep_consent(reason="Not meant.", **known),
}


@pytest.mark.parametrize("name", DOORS)
def test_who_is_neither_manager_nor_officer_is_refused_at_the_door(cast, given, name) -> None:
    """Although they might see the consent: the door asks again."""
    if name in {"settle", "keep"}:
        in_doubt(given)
    seeing = replace(cast.case_manager, roles=frozenset({Role.CASE_MANAGER, Role.PEER_SPECIALIST}))
    peer = replace(Actor.system("x"), kind=seeing.kind, id=seeing.id, organization_id=seeing.organization_id)

    with pytest.raises((NotPermitted, NotVisible)):
        DOORS[name](consent_id=given.id, version=None, actor=peer)

    assert not ConsentStep.objects.exists()


@pytest.mark.parametrize("name", DOORS)
def test_a_version_that_is_not_of_now_is_refused(cast, given, name) -> None:
    if name in {"settle", "keep"}:
        in_doubt(given)
    version = Consent.objects.get().version

    with pytest.raises(StaleVersion):
        DOORS[name](consent_id=given.id, version=version + 1, actor=cast.case_manager)

    assert not ConsentStep.objects.exists()
    DOORS[name](consent_id=given.id, version=version, actor=cast.case_manager)
    assert ConsentStep.objects.count() == 1


def test_a_dispute_says_why(cast, given) -> None:
    with pytest.raises(Invalid):
        dispute_consent(consent_id=given.id, reason=" \n", version=None, actor=cast.case_manager)

    assert (Consent.objects.get().disputed_at, ConsentStep.objects.count()) == (None, 0)
