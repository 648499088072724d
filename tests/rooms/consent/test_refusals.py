"""What each door of consents and restrictions turns away, asked where nothing else would; and that nothing happened."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.consent.disclosures import write_disclosure
from casemgmt.consent.models import Consent, ConsentStep, Disclosure, NoticeDelivery, RestrictionRequest
from casemgmt.consent.restricting import decline_restriction, terminate_restriction
from casemgmt.consent.services import organization_of
from casemgmt.consent.words import TerminationBasis
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.errors import Invalid, NotPermitted
from casemgmt.kernel.wall import acting_as
from tests.factories import consent as consents
from tests.factories import people

UNKNOWN = "00000000-0000-7000-8000-000000000000"
MACHINE = Actor.system("inbox")
ASKED = {"scope": "Do not tell why I am referred.", "categories": ["reason"]}


@pytest.fixture
def client(cast):
    """A client of North."""
    return people.client(cast.north)


@pytest.fixture
def web(cast, api):
    """North's case manager."""
    return api(cast.case_manager)


@pytest.fixture
def officer(cast, api):
    """North's privacy officer."""
    return api(cast.at_north[Role.PRIVACY_OFFICER])


def test_a_draft_is_changed_and_put_in_force_only_as_it_was_seen(client, web, cast) -> None:
    draft = web.post("consents/", consents.request(client, cast.south, activate=False)).json()["id"]

    stale = web.patch(f"consents/{draft}/", {"purposes": ["payment"]}, If_Match='"7"')
    early = web.post(f"consents/{draft}/activations/", {"version": 7})

    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert (early.status_code, early.json()["code"]) == (409, "stale_version") or early.status_code == 412
    kept = Consent.objects.get()
    assert (kept.version, str(kept.status), kept.purposes) == (1, "draft", ["treatment"])


def test_a_draft_names_only_organizations_of_the_directory(client, web, cast) -> None:
    draft = web.post("consents/", consents.request(client, cast.south, activate=False)).json()["id"]

    answer = web.patch(f"consents/{draft}/", {"recipient_ids": [UNKNOWN]}, If_Match='"1"')

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["recipient_ids"])
    assert Consent.objects.get().recipient_ids == [cast.south.id]


def test_a_notice_is_not_given_in_the_future(client, web) -> None:
    told = {"client": str(client.id), "notice_version": "1", "method": "mail"}

    late = web.post("notices/", told | {"delivered_at": (clock.now() + timedelta(minutes=5)).isoformat()})
    past = web.post("notices/", told | {"delivered_at": (clock.now() - timedelta(minutes=5)).isoformat()})

    assert (late.status_code, list(late.json()["fields"])) == (400, ["delivered_at"])
    assert past.status_code == 201
    assert NoticeDelivery.objects.count() == 1


def test_who_belongs_to_no_organization_captures_nothing() -> None:
    with pytest.raises(NotPermitted):
        organization_of(Actor(ActorKind.STAFF, None, None, frozenset({"case_manager"})))


def test_a_consent_between_the_client_and_another_organization_is_replaced_by_nobody_here(client, web, cast) -> None:
    whole = asdict(consents.form(at=clock.now(), recipients=[cast.east]))
    theirs = Consent.objects.create(client=client, organization=cast.south, status="active", **whole)

    answer = web.post("consents/", consents.request(client, cast.east, supersedes=str(theirs.id)))

    assert answer.status_code == 404
    assert str(Consent.objects.get().status) == "active"


YEAR, TWO = timedelta(days=365), timedelta(days=730)
SAYS = {"redisclosure_statement_included": True, "refusal_consequences_included": True}
TPO = {"type": "tpo", "purposes": ("treatment", "payment", "operations"), **SAYS}
EVENT = {"expires_at": None, "expires_event": "end_of_episode"}


@pytest.mark.parametrize(
    ("old", "new", "covers"),
    [
        ({"in": YEAR}, {"in": TWO}, True),
        ({"in": YEAR}, {"in": YEAR}, True),
        ({"in": TWO}, {"in": YEAR}, False),
        ({"in": YEAR}, {**TPO, "expires_at": None}, True),
        ({**TPO, "expires_at": None}, {**TPO, "in": YEAR}, False),
        (EVENT, EVENT, True),
        ({"in": YEAR}, EVENT, False),
        ({**TPO, "expires_at": None}, {**TPO, **EVENT}, False),
        ({**TPO, **EVENT}, {**TPO, "expires_at": None}, True),
        (EVENT, {"in": YEAR}, False),
    ],
)
def test_another_covers_what_one_did_only_if_it_lasts_as_long(client, web, cast, old, new, covers) -> None:
    """P2-16: what relied on the first looks again where the second may end sooner."""
    kind = {"type": new.get("type") or old.get("type", "named_recipient")}
    told = {"recipients": [cast.south], **kind, **lasting(old)}
    before = consents.consent(client, **told)
    changes = {name: list(value) if isinstance(value, tuple) else value for name, value in lasting(new).items()}
    body = consents.request(client, cast.south, supersedes=str(before.id), **kind)
    body |= {name: value.isoformat() if name == "expires_at" and value else value for name, value in changes.items()}

    answer = web.post("consents/", {name: value for name, value in body.items() if value is not None})

    assert answer.status_code == 201, answer.content
    actions = set(AuditEvent.objects.filter(object_id=before.id).values_list("action", flat=True))
    assert actions == {"consent.superseded" if covers else "consent.narrowed"}


def lasting(fields):
    """Return the fields of a form, with the day for `in`."""
    days = {"expires_at": clock.now() + fields["in"]} if "in" in fields else {}
    return {name: value for name, value in fields.items() if name != "in"} | days


def test_of_a_class_of_recipients_one_may_be_taken_out(client, web, cast) -> None:
    """P2-19: whoever is meant by a class is covered without a name."""
    by_class = consents.consent(client, recipient_classes=("treating_provider",), **TPO)
    by_name = consents.consent(client, recipients=[cast.east])

    answers = [
        web.post(f"consents/{each.id}/revocations/", {"channel": "written", "recipient": str(cast.south.id)})
        for each in (by_class, by_name)
    ]

    assert [answer.status_code for answer in answers] == [200, 400]
    assert Consent.objects.get(pk=by_class.id).revoked_for == [cast.south.id]
    assert Consent.objects.get(pk=by_name.id).revoked_for == []


def test_the_recipient_of_a_restriction_is_of_the_directory(cast, api, client) -> None:
    web = api(cast.peer)
    path = f"clients/{client.id}/restriction-requests/"

    unknown = web.post(path, ASKED | {"recipient": UNKNOWN})
    nothing = RestrictionRequest.objects.count()
    known = web.post(path, ASKED | {"recipient": str(cast.south.id)})

    assert (unknown.status_code, list(unknown.json()["fields"]), nothing) == (400, ["recipient"], 0)
    assert (known.status_code, known.json()["recipient_id"]) == (201, str(cast.south.id))


def test_a_restriction_is_answered_and_ended_only_as_it_was_seen(cast, client, officer) -> None:
    pending = consents.restricted(client, decision="pending", decided_at=None, effective_from=None)
    agreed = consents.restricted(client)
    ending = {"basis": "client_oral", "note": "Said so.", "version": 7}

    answers = [
        officer.post(f"restriction-requests/{pending.id}/agreement/", {"version": 7}),
        officer.post(f"restriction-requests/{pending.id}/declining/", {"version": 7, "reason": "No."}),
        officer.post(f"restriction-requests/{agreed.id}/termination/", ending),
    ]

    assert {answer.json()["code"] for answer in answers} == {"stale_version"}
    rows = RestrictionRequest.objects.order_by("id").values_list("decision", "terminated_at")
    assert list(rows) == [("pending", None), ("agreed", None)]


def test_a_restriction_ends_once(client, officer) -> None:
    kept = consents.restricted(client)
    path, told = f"restriction-requests/{kept.id}/termination/", {"basis": "client_oral", "note": "Said so."}

    first, second = officer.post(path, told), officer.post(path, told | {"note": "Again."})

    assert (first.status_code, second.status_code, second.json()["code"]) == (200, 409, "restriction_not_active")
    assert RestrictionRequest.objects.get().termination_note == "Said so."


def test_declining_and_ending_say_why(cast, client) -> None:
    """Whoever calls: the doors over HTTP ask for it before."""
    actor = cast.at_north[Role.PRIVACY_OFFICER]
    pending = consents.restricted(client, decision="pending", decided_at=None, effective_from=None)
    agreed = consents.restricted(client)

    with pytest.raises(Invalid):
        decline_restriction(request_id=pending.id, reason="  ", version=None, actor=actor)
    basis = TerminationBasis.CLIENT_ORAL
    with pytest.raises(Invalid):
        terminate_restriction(request_id=agreed.id, basis=basis, note="  ", version=None, actor=actor)

    rows = RestrictionRequest.objects.order_by("id").values_list("decision", "terminated_at")
    assert list(rows) == [("pending", None), ("agreed", None)]


def test_what_happened_to_a_consent_is_read_by_who_reads_the_consent(cast, web) -> None:
    """Asked of the query alone, without the second wall."""
    ours = consents.consent(people.client(cast.north), recipients=[cast.south])
    whole = asdict(consents.form(at=clock.now()))
    theirs = Consent.objects.create(client=ours.client, organization=cast.south, status="active", **whole)
    hidden = Consent.objects.create(client=people.client(cast.south), organization=cast.north, status="active", **whole)
    with acting_as(MACHINE):
        for each in (ours, theirs, hidden):
            ConsentStep.objects.create(consent=each, what="expired", actor_kind="system")

        def seen(actor: Actor) -> set:
            return set(ConsentStep.objects.visible_to(actor).values_list("consent_id", flat=True))

        assert seen(cast.case_manager) == seen(cast.at_north[Role.PRIVACY_OFFICER]) == {ours.id}
        assert seen(cast.peer) == seen(cast.at_north[Role.HOUSE_MANAGER]) == set()
        assert seen(MACHINE) == {ours.id, theirs.id, hidden.id}


def test_the_accounting_is_the_privacy_officers(cast, client) -> None:
    """Table 1.9; asked of the query alone."""
    given = consents.consent(client, recipients=[cast.south])
    new = consents.leaving(given, cast.south)
    with acting_as(MACHINE):
        write_disclosure(new, at=clock.now(), actor=cast.case_manager)
        seen = {
            who: Disclosure.objects.visible_to(actor).count()
            for who, actor in {
                "machine": MACHINE,
                "officer": cast.at_north[Role.PRIVACY_OFFICER],
                "manager": cast.case_manager,
                "supervisor": cast.supervisor,
                "abroad": cast.at_south[Role.PRIVACY_OFFICER],
            }.items()
        }

    assert seen == {"machine": 1, "officer": 1, "manager": 0, "supervisor": 0, "abroad": 0}
