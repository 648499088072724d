"""What a decline means, whom to ask instead, and whom not to ask (F3, REF-05, REF-06, CLN-10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.audit.models import AuditEvent
from casemgmt.worklist.models import WorkItem
from programs.rules.kinds import Kind
from referrals.models import DeclineRule, Referral
from tests.factories import consent as consents
from tests.factories import people, programs, referrals, told

PARK = {
    "decline_reason": "payer",
    "declined_by": "receiver",
    "consequence": "park",
    "park_days": 30,
    "reason": "Payers answer slowly.",
}


@pytest.fixture
def case(cast):
    """Return a client of North and a therapy program of South."""
    return referrals.case(cast)


def decline(case, referral, reason="no_capacity", party="receiver") -> None:
    case.move(referral.id, "decline", case.receiver, decline_reason=reason, declined_by=party)


def asked_of(organization) -> set[str]:
    return set(WorkItem.objects.open().filter(organization_id=organization.id).values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("reason", "party", "work"),
    [
        ("no_capacity", "receiver", {"referral_reroute"}),
        ("payer", "receiver", {"referral_reroute"}),
        ("not_eligible", "receiver", {"referral_reassess"}),
        ("client_declined", "client", set()),
        ("payer", "client", set()),
    ],
)
def test_what_ships_follows_from_a_decline(case, reason, party, work) -> None:
    decline(case, case.sent(), reason, party)

    assert asked_of(case.cast.north) == {"referral_answered"} | work


def test_an_organization_sets_what_follows_and_a_parked_program_is_not_asked_again(case, api, travel) -> None:
    web = api(case.cast.supervisor)
    assert web.post("decline-rules/", PARK).status_code == 201
    sent = case.sent()
    decline(case, sent, "payer")

    row = Referral.objects.get(pk=sent.id)
    assert row.parked_until == row.ended_at + timedelta(days=30)
    assert asked_of(case.cast.north) == {"referral_answered"}
    body = {"episode": str(case.episode.id), "program": str(case.program.id), "reason": "Again"}
    refused = api(case.sender).post("referrals/", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "referral_parked")
    assert Referral.objects.count() == 1
    sender = api(case.sender)
    travel(row.parked_until + timedelta(seconds=1))
    assert sender.post("referrals/", body).status_code == 201


def test_all_rules_are_shown_and_the_last_one_set_holds(case, api) -> None:
    web = api(case.cast.supervisor)
    for changes in ({}, {"consequence": "none", "park_days": 0, "reason": "Too strict."}):
        assert web.post("decline-rules/", PARK | changes).status_code == 201

    found = web.get("decline-rules/").json()["results"]
    south = api(case.receiver).get("decline-rules/").json()["results"]

    assert len(found) == 10
    assert {row["consequence"] for row in found if row["decline_reason"] == "payer"} == {"none"}
    assert "reroute" in {row["consequence"] for row in south if row["decline_reason"] == "payer"}
    assert [row["reason"] for row in web.get("decline-rules/history/").json()["results"]] == [
        "Too strict.",
        "Payers answer slowly.",
    ]


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"park_days": 0}, 400), ({"consequence": "reroute"}, 400), ({"declined_by": "sender"}, 400)],
)
def test_a_rule_that_fits_nothing_is_refused(case, api, changes, status) -> None:
    assert api(case.cast.supervisor).post("decline-rules/", PARK | changes).status_code == status
    assert not DeclineRule.objects.exists()


def test_only_a_supervisor_sets_what_follows(case, api) -> None:
    assert api(case.sender).post("decline-rules/", PARK).status_code == 403
    assert not DeclineRule.objects.exists()


def test_those_who_were_not_asked_yet_are_suggested_and_those_with_places_first(case, api) -> None:
    cast = case.cast
    full = programs.program(cast.east, kind=Kind.THERAPY, name="A full one", capacity_total=0)
    free = programs.program(cast.east, kind=Kind.THERAPY, name="Z free one", capacity_total=3)
    unknown = programs.program(cast.south, kind=Kind.THERAPY, name="Who knows")
    for nobody in (
        programs.program(cast.north, kind=Kind.THERAPY),
        programs.program(cast.east, kind=Kind.IOP),
        programs.program(cast.east, kind=Kind.THERAPY, published=False),
        programs.program(cast.east, kind=Kind.THERAPY, status="inactive"),
    ):
        assert nobody.pk
    sent = case.sent()
    decline(case, sent)

    answer = api(case.sender).get(f"referrals/{sent.id}/suggestions/")

    found = [(row["program_id"], row["places"]) for row in answer.json()["results"]]
    assert found == [(str(free.id), "open"), (str(unknown.id), "unknown"), (str(full.id), "full")]
    assert AuditEvent.objects.filter(action="referral.suggested", object_id=sent.id).count() == 1
    assert api(cast.outsider).get(f"referrals/{sent.id}/suggestions/").status_code == 404


def test_the_receiver_is_told_of_nobody_else(case, api) -> None:
    sent = case.sent()

    answer = api(case.receiver).get(f"referrals/{sent.id}/suggestions/")

    assert answer.status_code == 403


def test_a_client_is_not_broadcast(case, api) -> None:
    """REF-05: at most three at once."""
    for _ in range(3):
        case.draft()
        case.program = programs.program(case.cast.south, kind=Kind.THERAPY)
    body = {"episode": str(case.episode.id), "program": str(case.program.id), "reason": "A fourth"}

    refused = api(case.sender).post("referrals/", body)

    assert (refused.status_code, refused.json()["code"], refused.json()["most"]) == (409, "too_many_referrals", 3)
    assert Referral.objects.count() == 3


def test_nobody_on_medication_is_sent_to_a_house_that_refuses_it(cast, api) -> None:
    """CLN-10."""
    case = referrals.case(cast, kind=Kind.SOBER_LIVING)
    case.program.accepts_moud = False
    case.program.save()
    body = {"episode": str(case.episode.id), "program": str(case.program.id), "reason": "A home"}

    for more in ({"categories": ["identity", "moud"]}, {"told": {"moud": "buprenorphine"}}):
        refused = api(case.sender).post("referrals/", body | more)
        assert (refused.status_code, refused.json()["code"]) == (422, "housing_moud_mismatch")
    assert not Referral.objects.exists()
    assert api(case.sender).post("referrals/", body).status_code == 201
    draft = Referral.objects.get()
    changed = api(case.sender).patch(f"referrals/{draft.id}/", {"told": {"moud": "yes"}}, If_Match='"1"')
    assert changed.json()["code"] == "housing_moud_mismatch"
    assert Referral.objects.get().told == {}


@pytest.mark.parametrize("needs_both", [True, False])
def test_peer_support_left_alone_where_care_is_needed_calls_the_supervisor(case, needs_both) -> None:
    """REF-06, DG-02."""
    if needs_both:
        told.statement(case.episode, "psychosis_or_mania", True, by=case.cast.therapist.id)
    clinical = case.sent()
    peer = people.organization("Peers")
    consents.consent(case.client, recipients=[peer])
    case.program = programs.program(peer, kind=Kind.PEER_SUPPORT)
    beside = case.draft()

    decline(case, clinical)

    assert ("referral_alone" in asked_of(case.cast.north)) is needs_both
    assert Referral.objects.get(pk=beside.id).stage == "draft"
