"""The facts form (T1): what is kept, what is refused, and who may tell what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import InternalError, ProgrammingError, transaction

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.episodes.stages import Stage
from casemgmt.guidance.models import Statement
from casemgmt.kernel import clock
from casemgmt.safety.models import RiskAlert
from tests.factories import episodes, people, told
from tests.factories.told import form


@pytest.fixture
def episode(cast):
    """Return an episode of North at intake."""
    return episodes.episode(people.client(cast.north))


def address(episode) -> str:
    return f"episodes/{episode.id}/guidance/facts/"


def by_name(answer) -> dict:
    return {fact["name"]: fact for fact in answer.json()["facts"]}


def test_many_facts_are_kept_at_once_with_source_and_date(cast, api, episode) -> None:
    """T1: the DG facts form."""
    web = api(cast.case_manager)
    sent = form(("starting_out", True), ("crisis_now", False), ("client_preference", ["peer_support", "therapy"]))

    answer = web.post(address(episode), sent)

    assert answer.status_code == 201
    facts = by_name(answer)
    assert facts["starting_out"]["value"] is True
    assert facts["client_preference"]["value"] == ["peer_support", "therapy"]
    assert (facts["starting_out"]["source"], facts["starting_out"]["stale"]) == ("client", False)
    assert facts["stage"]["value"] == "intake"
    assert {each["name"] for each in answer.json()["unknown"]}.isdisjoint(facts)
    assert {row.recorded_by_id for row in Statement.objects.all()} == {cast.case_manager.id}
    assert AuditEvent.objects.get(action="guidance.facts_told").client_ids == [episode.client_id]
    assert web.get(address(episode)).json() == answer.json()


def test_the_newest_statement_counts_and_the_old_ones_stay(cast, api, episode) -> None:
    web = api(cast.case_manager)
    web.post(address(episode), form(("isolated", True)))
    web.post(address(episode), form(("isolated", False)))

    assert by_name(web.get(address(episode)))["isolated"]["value"] is False
    listed = web.get(f"episodes/{episode.id}/guidance/statements/").json()["results"]
    assert [each["yes"] for each in listed] == [False, True]


def test_the_list_of_statements_is_paged(cast, api, episode) -> None:
    web = api(cast.case_manager)
    for name in ("isolated", "unsure", "starting_out"):
        told.statement(episode, name, True, by=cast.case_manager.id)
    first = web.get(f"episodes/{episode.id}/guidance/statements/?limit=2").json()
    rest = web.get(f"episodes/{episode.id}/guidance/statements/?limit=2&cursor={first['next']}").json()

    names = [each["name"] for each in (*first["results"], *rest["results"])]
    assert (names, rest["next"]) == (["starting_out", "unsure", "isolated"], None)


def test_a_stale_fact_is_shown_as_such(cast, api, episode) -> None:
    """DG-20"""
    told.statement(episode, "isolated", True, by=cast.case_manager.id, days_old=31)
    told.statement(episode, "unsure", True, by=cast.case_manager.id, days_old=30)

    facts = by_name(api(cast.case_manager).get(address(episode)))

    assert (facts["isolated"]["stale"], facts["unsure"]["stale"]) == (True, False)


@pytest.mark.parametrize("name", ["psychosis_or_mania", "withdrawal_risk", "trauma_or_harmful_patterns"])
def test_clinical_facts_are_told_by_clinicians_only(cast, api, episode, name) -> None:
    """PEER-02: with it nothing else of the form is kept."""
    for actor, code in ((cast.peer, "outside_peer_scope"), (cast.case_manager, "not_permitted")):
        refused = api(actor).post(address(episode), form(("isolated", True), (name, True)))

        assert (refused.status_code, refused.json()["code"]) == (403, code)
        assert not Statement.objects.exists()

    for actor in (cast.therapist, cast.supervisor):
        assert api(actor).post(address(episode), form((name, True))).status_code == 201


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR])
def test_the_team_tells_the_rest(cast, api, episode, role) -> None:
    sent = form(("crisis_now", True), ("overdose", True), ("isolated", True), ("wants_moud", True))

    assert api(cast.at_north[role]).post(address(episode), sent).status_code == 201


@pytest.mark.parametrize("role", [Role.HOUSE_MANAGER, Role.PRIVACY_OFFICER])
def test_other_roles_tell_nothing(cast, api, episode, role) -> None:
    refused = api(cast.at_north[role]).post(address(episode), form(("isolated", True)))

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert not Statement.objects.exists()


@pytest.mark.parametrize("role", [Role.INTAKE, Role.ADMIN])
def test_roles_without_records_find_nothing(cast, api, episode, role) -> None:
    assert api(cast.at_north[role]).post(address(episode), form(("isolated", True))).status_code == 404
    assert not Statement.objects.exists()


@pytest.mark.parametrize("name", ["crisis_now", "overdose"])
def test_taking_back_a_danger_is_a_clinicians_work(cast, api, episode, name) -> None:
    """PEER-02: a peer lowers no risk; nor does a case manager (table 1.9)."""
    told.statement(episode, name, True, by=cast.peer.id, days_old=400)
    for actor, code in ((cast.peer, "outside_peer_scope"), (cast.case_manager, "not_permitted")):
        refused = api(actor).post(address(episode), form((name, False)))

        assert (refused.status_code, refused.json()["code"]) == (403, code)
        assert Statement.objects.count() == 1

    assert by_name(api(cast.therapist).post(address(episode), form((name, False))))[name]["value"] is False
    assert api(cast.peer).post(address(episode), form((name, False))).status_code == 201


def test_what_a_clinician_settled_the_team_may_say_again(cast, api, episode) -> None:
    """DG-20: a stale no lifts nothing; asking again does, and takes no clinician then."""
    told.statement(episode, "crisis_now", True, by=cast.peer.id, days_old=90)
    told.statement(episode, "crisis_now", False, by=cast.therapist.id, days_old=60)
    web = api(cast.case_manager)
    assert by_name(web.get(address(episode)))["crisis_now"]["value"] is True

    answer = web.post(address(episode), form(("crisis_now", False)))

    assert answer.status_code == 201
    assert (by_name(answer)["crisis_now"]["value"], by_name(answer)["crisis_now"]["stale"]) == (False, False)


@pytest.mark.parametrize(("name", "severity"), [("crisis_now", "critical"), ("overdose", "high")])
def test_a_danger_told_raises_an_alert(cast, api, episode, name, severity) -> None:
    """DG-00, DG-01: what guidance calls for, safety hears at once; told twice, it is raised once."""
    api(cast.therapist).post(address(episode), form((name, False), ("isolated", True)))
    assert not RiskAlert.objects.exists()

    for _ in range(2):
        assert api(cast.peer).post(address(episode), form((name, True))).status_code == 201

    alert = RiskAlert.objects.get()
    assert (alert.severity, alert.client_id, alert.episode_id) == (severity, episode.client_id, episode.id)


@pytest.mark.parametrize(
    "facts",
    [
        [],
        [{"name": "stage", "yes": True, "source": "client"}],
        [{"name": "phq9", "yes": True, "source": "client"}],
        [{"name": "isolated", "yes": True, "source": "measure"}],
        [{"name": "isolated", "yes": True}],
        [{"name": "isolated", "source": "client"}],
        [{"name": "isolated", "yes": True, "services": [], "source": "client"}],
        [{"name": "isolated", "services": ["therapy"], "source": "client"}],
        [{"name": "client_preference", "yes": True, "source": "client"}],
        [{"name": "client_preference", "services": ["crisis_response"], "source": "client"}],
        [{"name": "client_preference", "services": ["therapy", "therapy"], "source": "client"}],
        [{"name": "isolated", "yes": True, "source": "client", "note": "x"}],
        [{"name": "isolated", "yes": True, "source": "client"}] * 2,
        [{"name": "isolated", "yes": None, "source": "client"}],
    ],
)
def test_what_the_form_does_not_know_is_refused(cast, api, episode, facts) -> None:
    refused = api(cast.therapist).post(address(episode), {"facts": facts})

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert not Statement.objects.exists()


def test_nothing_is_seen_ahead_of_time(cast, api, episode) -> None:
    line = {"name": "isolated", "yes": True, "source": "staff"}
    later = (clock.now() + timedelta(hours=1)).isoformat()
    earlier = (clock.now() - timedelta(days=3)).isoformat()

    refused = api(cast.peer).post(address(episode), {"facts": [line | {"observed_at": later}]})

    assert (refused.status_code, refused.json()["code"]) == (422, "observed_in_future")
    assert not Statement.objects.exists()
    assert api(cast.peer).post(address(episode), {"facts": [line | {"observed_at": earlier}]}).status_code == 201


def test_an_ended_episode_takes_no_more_facts(cast, api) -> None:
    ended = episodes.episode(people.client(cast.north), stage=Stage.DISCHARGED)

    refused = api(cast.therapist).post(address(ended), form(("isolated", True)))

    assert (refused.status_code, refused.json()["code"]) == (422, "episode_ended")
    assert not Statement.objects.exists()
    assert api(cast.therapist).get(address(ended)).status_code == 200


def test_a_correction_takes_the_place_of_what_was_told(cast, api, episode) -> None:
    row = told.statement(episode, "isolated", True, by=cast.peer.id)
    web = api(cast.peer)

    made = web.post(f"guidance/statements/{row.id}/corrections/", {"yes": False, "reason": "Misheard."})

    assert made.status_code == 201
    assert made.json()["supersedes_id"] == str(row.id)
    assert by_name(web.get(address(episode)))["isolated"]["value"] is False
    again = web.post(f"guidance/statements/{row.id}/corrections/", {"yes": True, "reason": "Once more."})
    assert (again.status_code, again.json()["code"]) == (409, "already_corrected")
    assert Statement.objects.count() == 2


def test_wishes_are_corrected_by_wishes(cast, api, episode) -> None:
    row = told.statement(episode, "client_preference", ["therapy"], by=cast.peer.id)
    at = f"guidance/statements/{row.id}/corrections/"

    assert api(cast.peer).post(at, {"yes": True, "reason": "x"}).status_code == 400
    assert Statement.objects.count() == 1
    assert api(cast.peer).post(at, {"services": ["peer_support"], "reason": "x"}).json()["services"] == ["peer_support"]


def test_a_withdrawal_leaves_what_was_told_before(cast, api, episode) -> None:
    told.statement(episode, "isolated", False, by=cast.peer.id, days_old=2)
    row = told.statement(episode, "isolated", True, by=cast.peer.id)
    web = api(cast.peer)

    gone = web.post(f"guidance/statements/{row.id}/withdrawals/", {"reason": "Another client."})

    assert (gone.status_code, gone.json()["withdrawn"]) == (201, True)
    assert by_name(web.get(address(episode)))["isolated"]["value"] is False
    of_the_withdrawal = f"guidance/statements/{gone.json()['id']}/withdrawals/"
    assert web.post(of_the_withdrawal, {"reason": "x"}).json()["code"] == "already_corrected"


@pytest.mark.parametrize("verb", ["corrections", "withdrawals"])
def test_a_danger_is_not_corrected_away_by_others_than_clinicians(cast, api, episode, verb) -> None:
    """PEER-02"""
    row = told.statement(episode, "crisis_now", True, by=cast.peer.id)
    body = {"reason": "x"} | ({"yes": False} if verb == "corrections" else {})

    refused = api(cast.peer).post(f"guidance/statements/{row.id}/{verb}/", body)

    assert (refused.status_code, refused.json()["code"]) == (403, "outside_peer_scope")
    assert Statement.objects.count() == 1
    assert api(cast.therapist).post(f"guidance/statements/{row.id}/{verb}/", body).status_code == 201


def test_another_organization_finds_no_facts_even_of_a_client_it_sees(cast, api, episode) -> None:
    from casemgmt.access.models import Grant, Reason

    row = told.statement(episode, "isolated", True, by=cast.peer.id)
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.south.id, reason=Reason.REFERRAL)
    for actor in (cast.at_south[Role.THERAPIST], cast.outsider):
        web = api(actor)
        assert web.get(address(episode)).status_code == 404
        assert web.post(address(episode), form(("isolated", False))).status_code == 404
        assert web.get(f"episodes/{episode.id}/guidance/statements/").status_code == 404
        assert web.post(f"guidance/statements/{row.id}/withdrawals/", {"reason": "x"}).status_code == 404
    assert Statement.objects.count() == 1


def test_the_table_refuses_changes(cast, episode) -> None:
    row = told.statement(episode, "isolated", True, by=cast.peer.id)

    for change in (lambda: Statement.objects.filter(pk=row.pk).update(yes=False), row.delete):
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
            change()
