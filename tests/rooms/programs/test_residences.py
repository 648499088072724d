"""Residences: what the pathway learns of them, and the acknowledgement of house rules over HTTP (G8, CLN-10, P2-22)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import Role
from casemgmt.consent.models import Consent
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from programs.facts import for_episode
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, HouseAgreement, Program
from programs.rules.kinds import Kind
from tests.factories import consent as consents
from tests.factories import episodes, people, programs

RULES, NEWER = "a" * 64, "b" * 64


@pytest.fixture
def episode(cast) -> Any:
    """Return an episode at North at intake."""
    return episodes.episode(people.client(cast.north))


@pytest.fixture
def stay(cast, episode) -> Enrollment:
    """Return a planned stay in North's house, whose rules are known."""
    house = programs.program(cast.north, kind=Kind.SOBER_LIVING, narr_level="II", house_rules_hash=RULES)
    return programs.enrollment(episode, house)


def fact_of(episode: Any) -> Any:
    """Return what the guards see of the only residence."""
    fresh = Episode.objects.get(pk=episode.pk)
    (fact,) = for_episode(fresh, at=clock.now())["enrollments"]
    return fact


def path(stay: Enrollment) -> str:
    """Return where acknowledgements are recorded."""
    return f"enrollments/{stay.id}/house-agreements/"


@pytest.mark.parametrize("role", [Role.HOUSE_MANAGER, Role.CASE_MANAGER, Role.THERAPIST])
def test_staff_record_that_the_client_acknowledged_the_rules(cast, api, episode, stay, role) -> None:
    """G8: and the pathway learns when."""
    actor = cast.at_north[role]
    agreed_at = clock.now() - timedelta(hours=2)

    before = fact_of(episode).house_agreement_at
    made = api(actor).post(path(stay), {"rules_hash": RULES, "agreed_at": agreed_at.isoformat()})

    assert (before, made.status_code) == (None, 201)
    assert (made.json()["witnessed_by_id"], made.json()["supersedes_id"]) == (str(actor.id), None)
    assert fact_of(episode).house_agreement_at == agreed_at


def test_a_peer_reads_them_but_does_not_record_them(cast, api, stay) -> None:
    web = api(cast.peer)

    refused = web.post(path(stay), {"rules_hash": RULES})

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert not HouseAgreement.objects.exists()
    assert web.get(path(stay)).json()["results"] == []


def test_an_outsider_learns_nothing(cast, api, stay) -> None:
    web = api(cast.outsider)

    for answer in (web.get(path(stay)), web.post(path(stay), {"rules_hash": RULES})):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not HouseAgreement.objects.exists()


def test_a_third_organization_that_sees_the_client_records_nothing(cast, api, episode, stay) -> None:
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.east.id, reason=Reason.EXPLICIT)

    assert api(cast.outsider).post(path(stay), {"rules_hash": RULES}).status_code == 403


def test_other_rules_than_those_in_force_were_not_acknowledged(cast, api, episode, stay) -> None:
    """G8: and when the house changes its rules, the acknowledgement of the old ones holds no longer."""
    web = api(cast.at_north[Role.HOUSE_MANAGER])

    for told in ({}, {"rules_hash": NEWER}):
        refused = web.post(path(stay), told)
        assert (refused.status_code, refused.json()["code"]) == (409, "house_rules_changed")
    assert web.post(path(stay), {"rules_hash": RULES}).status_code == 201
    changed = api(cast.supervisor).patch(
        f"programs/{stay.program_id}/", {"house_rules_hash": NEWER}, If_Match=f'"{stay.program.version}"'
    )

    assert (changed.status_code, changed.json()["house_rules_hash"]) == (200, NEWER)
    assert fact_of(episode).house_agreement_at is None
    assert web.post(path(stay), {"rules_hash": NEWER}).status_code == 201
    assert fact_of(episode).house_agreement_at is not None


def test_what_was_none_is_taken_back_by_a_new_row_with_a_reason(cast, api, episode, stay) -> None:
    """G8: nothing is edited; the last row holds."""
    web = api(cast.case_manager)

    nothing = web.post(path(stay), {"withdrawn": True, "reason": "x"})
    first = web.post(path(stay), {"rules_hash": RULES}).json()
    silent = web.post(path(stay), {"withdrawn": True})
    taken_back = web.post(path(stay), {"withdrawn": True, "reason": "Another client signed."})
    gone = fact_of(episode).house_agreement_at
    again = web.post(path(stay), {"rules_hash": RULES})

    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_withdraw")
    assert (silent.status_code, list(silent.json()["fields"])) == (400, ["reason"])
    assert (taken_back.status_code, taken_back.json()["supersedes_id"], gone) == (201, first["seq"], None)
    assert again.status_code == 201
    assert fact_of(episode).house_agreement_at is not None
    assert [row["withdrawn"] for row in web.get(path(stay)).json()["results"]] == [False, True, False]


def test_who_was_there_works_for_one_of_the_two(cast, api, stay) -> None:
    web = api(cast.case_manager)

    refused = web.post(path(stay), {"rules_hash": RULES, "witness": str(cast.at_south[Role.PEER_SPECIALIST].id)})
    Membership.objects.filter(user_id=cast.peer.id).update(ended_at=clock.now())
    gone = web.post(path(stay), {"rules_hash": RULES, "witness": str(cast.peer.id)})
    made = web.post(path(stay), {"rules_hash": RULES, "witness": str(cast.at_north[Role.HOUSE_MANAGER].id)})

    assert [(each.status_code, list(each.json()["fields"])) for each in (refused, gone)] == [(400, ["witness"])] * 2
    assert made.json()["witnessed_by_id"] == str(cast.at_north[Role.HOUSE_MANAGER].id)


@pytest.mark.parametrize(
    ("kind", "stage", "code"),
    [
        (Kind.PEER_SUPPORT, EnrollmentStage.PLANNED, "not_a_residence"),
        (Kind.SOBER_LIVING, EnrollmentStage.ENDED, "enrollment_ended"),
    ],
)
def test_only_an_open_stay_in_a_residence_has_rules(cast, api, episode, kind, stage, code) -> None:
    enrollment = programs.enrollment(episode, programs.program(cast.north, kind=kind), stage=stage)

    refused = api(cast.case_manager).post(path(enrollment), {})

    assert (refused.status_code, refused.json()["code"]) == (409, code)


def test_nobody_agreed_in_the_future(cast, api, stay) -> None:
    ahead = {"rules_hash": RULES, "agreed_at": (clock.now() + timedelta(minutes=5)).isoformat()}

    refused = api(cast.case_manager).post(path(stay), ahead)

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["agreed_at"])


def test_by_sql_they_only_grow_in_one_line(cast, api, stay) -> None:
    """G8: PostgreSQL keeps one row that holds."""
    api(cast.case_manager).post(path(stay), {"rules_hash": RULES})
    row = HouseAgreement.objects.get()
    fields = {
        "enrollment": stay, "agreed_at": row.agreed_at, "rules_hash": RULES, "witnessed_by_id": cast.peer.id,
        "actor_kind": "staff",
    }  # fmt: skip

    for wrong in ({}, {"withdrawn": True}, {"supersedes": row, "withdrawn": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HouseAgreement.objects.create(**fields, **wrong)
    for forbidden in (lambda: HouseAgreement.objects.update(reason="y"), lambda: HouseAgreement.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only|permission denied"), transaction.atomic():
            forbidden()


@pytest.mark.parametrize("kind", [Kind.IOP, Kind.PEER_SUPPORT])
def test_only_a_residence_has_house_rules(cast, api, kind) -> None:
    """CLN-10: the directory says so by field, PostgreSQL by itself."""
    web = api(cast.supervisor)

    refused = web.post("programs/", {"kind": kind.value, "name": "x", "house_rules_hash": RULES})
    odd = web.post("programs/", {"kind": "sober_living", "name": "x", "house_rules_hash": "abc"})

    assert [(each.status_code, list(each.json()["fields"])) for each in (refused, odd)] == [
        (400, ["house_rules_hash"])
    ] * 2
    with pytest.raises(IntegrityError), transaction.atomic():
        programs.program(cast.north, kind=kind, house_rules_hash=RULES)


@pytest.mark.parametrize(("narr_level", "accepts_moud"), [("", None), ("I", False), ("IV", True)])
def test_the_pathway_learns_the_houses_level_and_whether_it_takes_medication(
    cast, episode, narr_level, accepts_moud
) -> None:
    """G8, CLN-10: as the directory has them; what nobody told is unknown, not "no"."""
    house = programs.program(cast.north, kind=Kind.SOBER_LIVING, narr_level=narr_level, accepts_moud=accepts_moud)
    programs.enrollment(episode, house)

    fact = fact_of(episode)

    assert (fact.narr_level, fact.accepts_moud) == (narr_level or None, accepts_moud)
    assert fact.consent_names_it is True  # one's own house: nobody outside learns of the client


def test_of_other_programs_nothing_of_a_house_is_told(cast, episode) -> None:
    programs.enrollment(episode, programs.program(cast.south, accepts_moud=True))

    fact = fact_of(episode)

    assert (fact.narr_level, fact.accepts_moud, fact.house_agreement_at, fact.consent_names_it) == (None,) * 4


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"type": "tpo", "recipient_classes": ("treating_provider", "program_operations")}, False),
        ({"recipient_classes": ("peer_organization",), "purposes": ("recovery_support",)}, False),
        ({"recipient_classes": ("recovery_residence",), "purposes": ("recovery_support",)}, True),
        ({"named": True, "purposes": ("recovery_support",)}, True),
        ({"named": True, "purposes": ("treatment",)}, False),
        ({"named": True, "purposes": ("recovery_support",), "info_categories": ("goals",)}, False),
    ],
)
def test_anothers_house_needs_a_consent_that_names_it_or_its_class(cast, episode, terms, expected) -> None:
    """P2-22, G8: a consent for treatment, payment and operations names no residence."""
    named = [cast.south] if terms.pop("named", False) else []
    consents.consent(episode.client, recipients=named, **terms)
    programs.enrollment(episode, programs.program(cast.south, kind=Kind.SOBER_LIVING))

    assert fact_of(episode).consent_names_it is expected


def test_a_consent_taken_back_or_expired_names_nobody(cast, episode) -> None:
    """P2-22: in force at the moment it is asked."""
    programs.enrollment(episode, programs.program(cast.south, kind=Kind.SOBER_LIVING))
    given = consents.consent(episode.client, recipients=[cast.south], purposes=("recovery_support",))

    before = fact_of(episode).consent_names_it
    Consent.objects.filter(pk=given.pk).update(revoked_for=[cast.south.id])

    assert (before, fact_of(episode).consent_names_it) == (True, False)


def test_the_facts_take_the_same_number_of_queries_for_any_number_of_enrollments(cast, episode) -> None:
    """G8: one query, and one for the consents where another's residence stands there."""
    counts = []
    for _ in range(3):
        programs.enrollment(episode, programs.program(cast.south, kind=Kind.SOBER_LIVING))
        programs.enrollment(episode, programs.program(cast.north, kind=Kind.PEER_SUPPORT))
        fresh, at = Episode.objects.get(pk=episode.pk), clock.now()
        with CaptureQueriesContext(connection) as queries:
            for_episode(fresh, at=at)
        counts.append(len(queries))

    assert counts == [2, 2, 2]
    assert Program.objects.count() == 6
