"""Breaking the glass: an hour, one client, to read; told at once and judged by somebody else (HIP-10)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from casemgmt.access.models import BreakGlass, Grant, Reason
from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import BREAKS_GLASS, Role
from casemgmt.audit.models import AuditEvent
from casemgmt.care_team.services import NewMember, add_member
from casemgmt.care_team.words import TeamRole
from casemgmt.clients.models import Client
from casemgmt.clients.restricting import restrict_client
from casemgmt.kernel import clock
from casemgmt.worklist.models import WorkItem
from tests.factories import episodes, people
from tests.web import Web

from ..accounts.test_second_factor import enroll

WHY = {"reason": "risk_to_life", "explanation": "Found unconscious in our waiting room, no other papers."}


@pytest.fixture
def client(cast) -> Client:
    """A restricted client of North, whose case manager is on the team."""
    made = people.client(cast.north)
    member = NewMember(cast.case_manager.id, TeamRole.CASE_MANAGER, lead=True)
    add_member(client_id=made.id, new=member, actor=cast.case_manager)
    episodes.episode(made)
    restrict_client(client_id=made.id, reason="staff", actor=cast.supervisor)
    return made


@pytest.fixture
def therapist(cast) -> Web:
    """North's therapist, who is not on the team."""
    return Web(cast.therapist)


def open_it(web: Web, about: Client, **changes):
    return web.post("break-glass/", {"client": str(about.id), **WHY, **changes})


def test_it_shows_the_record_for_an_hour_and_says_so(client, therapist, travel) -> None:
    """HIP-10: 60 minutes, with a banner."""
    before = therapist.get(f"clients/{client.id}/").status_code
    made = open_it(therapist, client)

    shown = therapist.get(f"clients/{client.id}/")
    episodes_seen = len(therapist.get("episodes/").json()["results"])
    travel(clock.now() + timedelta(minutes=59))
    late = therapist.get(f"clients/{client.id}/").status_code
    travel(clock.now() + timedelta(minutes=2))

    assert (before, made.status_code, shown.status_code, episodes_seen, late) == (404, 201, 200, 1, 200)
    assert shown.json()["break_glass_until"] == made.json()["expires_at"]
    assert therapist.get(f"clients/{client.id}/").status_code == 404
    assert therapist.get("episodes/").json()["results"] == []


def test_it_changes_nothing(client, therapist) -> None:
    """HIP-10: read-only, through every door."""
    open_it(therapist, client)
    path = f"clients/{client.id}"

    answers = [
        therapist.patch(f"{path}/", {"city": "Elsewhere"}, If_Match='"1"'),
        therapist.post(f"{path}/contact-points/", {"kind": "phone", "value": "+13165550101"}),
        therapist.post(f"{path}/death/", {}),
        therapist.post(f"{path}/care-team/", {"user": str(client.id), "role": "therapist"}),
        therapist.post("episodes/", {"client": str(client.id), "source": "self", "reason": "asks for help"}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert Client.objects.get(pk=client.pk).version == client.version
    assert not Client.objects.get(pk=client.pk).deceased


def test_every_read_carries_its_number(client, therapist) -> None:
    """HIP-10: PostgreSQL notes it, so no view can forget."""
    made = open_it(therapist, client).json()["id"]
    therapist.get(f"clients/{client.id}/")
    therapist.get("episodes/")
    therapist.get("programs/")

    rows = AuditEvent.objects.filter(actor_kind="staff", action__in=("client.read", "episode.listed"))
    assert {str(each) for each in rows.values_list("break_glass_id", flat=True)} == {made}
    assert AuditEvent.objects.get(action="program.listed").break_glass_id is None


def test_privacy_officers_and_supervisors_are_told_in_the_same_moment(cast, api, client, therapist) -> None:
    made = open_it(therapist, client).json()["id"]

    items = WorkItem.objects.open().filter(source_id=made)
    assert {(each.kind, each.role, each.client_id) for each in items} == {
        ("break_glass_review", "privacy_officer", None),
        ("break_glass_opened", "supervisor", None),
    }
    review = items.get(kind="break_glass_review")
    assert review.due_at - review.created_at <= timedelta(hours=72)
    mine = api(cast.at_north[Role.PRIVACY_OFFICER]).get("work-items/mine/").json()["results"]
    assert [each["source_id"] for each in mine] == [made]


def test_without_a_privacy_officer_the_admins_are_told(cast, client, therapist) -> None:
    Membership.objects.filter(role=Role.PRIVACY_OFFICER, organization=cast.north).update(ended_at=clock.now())

    open_it(therapist, client)

    assert WorkItem.objects.get(kind="break_glass_review").role == "admin"


def test_a_privacy_officer_judges_it_once(cast, api, client, therapist) -> None:
    made = open_it(therapist, client).json()
    officer = api(cast.at_north[Role.PRIVACY_OFFICER])
    shown = officer.get("break-glass/?reviewed=false").json()["results"]
    path = f"break-glass/{made['id']}/review/"

    silent = officer.post(path, {"outcome": "inappropriate"})
    judged = officer.post(path, {"outcome": "inappropriate", "remark": "No emergency."}, If_Match='"1"')
    again = officer.post(path, {"outcome": "appropriate"})

    assert [(each["id"], each["explanation"]) for each in shown] == [(made["id"], WHY["explanation"])]
    assert (silent.status_code, list(silent.json()["fields"])) == (400, ["remark"])
    assert (judged.status_code, judged.json()["outcome"]) == (200, "inappropriate")
    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")
    assert not WorkItem.objects.open().filter(kind="break_glass_review").exists()
    assert officer.get("break-glass/?reviewed=false").json()["results"] == []


def test_nobody_judges_their_own(cast, client) -> None:
    Membership.objects.create(user_id=cast.therapist.id, organization=cast.north, role=Role.PRIVACY_OFFICER)
    both = Web(people.staff(Role.THERAPIST, Role.PRIVACY_OFFICER, at=cast.north))
    made = open_it(both, client).json()["id"]

    refused = both.post(f"break-glass/{made}/review/", {"outcome": "appropriate"})

    assert refused.status_code == 403
    assert BreakGlass.objects.get().reviewed_at is None
    glass = BreakGlass.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        BreakGlass.objects.update(reviewed_at=clock.now(), reviewed_by=glass.user_id, outcome="appropriate")


@pytest.mark.parametrize("role", [role for role in Role if role not in BREAKS_GLASS])
def test_other_roles_open_nothing(cast, client, role) -> None:
    web = Web(cast.at_north[role])

    refused = open_it(web, client)

    assert refused.status_code == 403
    assert BreakGlass.objects.count() + Grant.objects.filter(reason=Reason.BREAK_GLASS).count() == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": "curious"}, "reason"),
        ({"explanation": "too short"}, "explanation"),
        ({"explanation": "      a            "}, "explanation"),
        ({"explanation": None}, "explanation"),
        ({"client": None}, "family_name"),
    ],
)
def test_without_reason_and_words_nothing_opens(client, therapist, wrong, field) -> None:
    refused = open_it(therapist, client, **wrong)

    assert refused.status_code == 400
    assert field in refused.json()["fields"]
    assert BreakGlass.objects.count() == 0


def test_by_name_and_birthday(client, therapist) -> None:
    by_name = {"given_name": "ADA", "family_name": "example ", "birth_date": "1990-05-17"}

    wrong_day = open_it(therapist, client, client=None, **{**by_name, "birth_date": "1990-05-18"})
    right = open_it(therapist, client, client=None, **by_name)

    assert (wrong_day.status_code, right.status_code) == (404, 201)
    assert right.json()["client_id"] == str(client.id)


def test_of_two_with_one_name_and_birthday_none_is_opened(cast, client, therapist) -> None:
    twin = people.client(cast.north, phone=None)
    member = NewMember(cast.case_manager.id, TeamRole.CASE_MANAGER)
    add_member(client_id=twin.id, new=member, actor=cast.case_manager)
    restrict_client(client_id=twin.id, reason="staff", actor=cast.supervisor)
    by_name = {"given_name": "Ada", "family_name": "Example", "birth_date": "1990-05-17"}

    assert open_it(therapist, client, client=None, **by_name).status_code == 404
    assert open_it(therapist, twin).status_code == 201


def test_who_is_not_restricted_here_or_absent_is_the_same(cast, client, therapist) -> None:
    """No side channel: the same 404 for a stranger's client and for none."""
    elsewhere = people.client(cast.south)
    answers = [
        open_it(therapist, elsewhere).json(),
        therapist.post("break-glass/", {"client": "00000000-0000-7000-8000-000000000000", **WHY}).json(),
        open_it(Web(cast.at_south[Role.THERAPIST]), client).json(),
    ]

    assert {answer["code"] for answer in answers} == {"not_found"}
    assert BreakGlass.objects.count() == 0


def test_who_sees_the_client_anyway_breaks_nothing(cast, client, therapist) -> None:
    open_it(therapist, client)

    twice, team = open_it(therapist, client), open_it(Web(cast.case_manager), client)

    assert (twice.json()["code"], team.json()["code"]) == ("already_visible", "already_visible")
    assert BreakGlass.objects.count() == 1


def test_it_can_be_closed_early_by_who_opened_it(cast, api, client, therapist) -> None:
    made = open_it(therapist, client).json()["id"]

    stranger = api(cast.supervisor).post(f"break-glass/{made}/end/").status_code
    closed = [therapist.post(f"break-glass/{made}/end/").status_code for _ in range(2)]

    assert (stranger, closed) == (404, [204, 204])
    assert therapist.get(f"clients/{client.id}/").status_code == 404
    assert open_it(therapist, client).status_code == 201


def test_it_asks_for_a_fresh_second_factor(client, therapist, travel) -> None:
    enroll(therapist)
    travel(clock.now() + timedelta(minutes=16))

    refused = open_it(therapist, client)

    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_not_fresh")
    assert BreakGlass.objects.count() == 0


def test_ones_own_are_listed_and_nobody_elses(cast, api, client, therapist) -> None:
    made = open_it(therapist, client).json()["id"]

    assert [each["id"] for each in therapist.get("break-glass/").json()["results"]] == [made]
    assert therapist.get(f"break-glass/{made}/").status_code == 200
    assert api(cast.case_manager).get("break-glass/").json()["results"] == []
    assert api(cast.case_manager).get(f"break-glass/{made}/").status_code == 404
    assert api(cast.at_south[Role.PRIVACY_OFFICER]).get(f"break-glass/{made}/").status_code == 404
