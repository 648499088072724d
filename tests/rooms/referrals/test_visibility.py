"""Who sees what of a referral: the sender all, the receiver the packet while granted, others nothing (REF-04)."""

from __future__ import annotations

import pytest

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.worklist.models import WorkItem
from referrals.models import Referral
from tests.factories import consent as consents
from tests.factories import programs, referrals

HIDDEN_FROM_THE_RECEIVER = {
    "client_id",
    "episode_id",
    "reason",
    "told",
    "categories",
    "consent_id",
    "created_by",
    "sent_by",
}


@pytest.fixture
def case(cast):
    """Return a client of North and a therapy program of South."""
    return referrals.case(cast)


def test_the_receiver_sees_the_packet_with_its_notice_and_the_disclosed_number(case, api) -> None:
    sent = case.sent()

    seen = api(case.receiver).get(f"referrals/{sent.id}/").json()

    assert HIDDEN_FROM_THE_RECEIVER.isdisjoint(seen)
    assert seen["packet"] == sent.packet
    assert seen["packet"]["notice"]["text"].startswith("This record which has been disclosed to you")
    assert seen["contact"] == [
        {
            "id": str(case.client.contact_points.get().id),
            "kind": "phone",
            "value": "+13165550100",
            "preferred": True,
        }
    ]
    assert str(case.client.id) not in str(seen)


def test_a_number_that_was_not_disclosed_or_was_given_up_is_not_shown(case, api) -> None:
    sent = case.sent(categories=("identity", "reason"))

    assert api(case.receiver).get(f"referrals/{sent.id}/").json()["contact"] == []


def test_the_sender_sees_all_of_it(case, api) -> None:
    sent = case.sent()

    seen = api(case.sender).get(f"referrals/{sent.id}/").json()

    assert seen["client_id"] == str(case.client.id)
    assert seen["packet_sha256"] == sent.packet_sha256
    assert "contact" not in seen


def test_who_only_drafts_sees_of_the_content_what_they_wrote(case, api) -> None:
    sent = case.sent()
    web = api(case.cast.peer)
    body = {"episode": str(case.episode.id), "program": str(programs.program(case.cast.south).id), "reason": "mine"}
    own = web.post("referrals/", body).json()

    others = web.get(f"referrals/{sent.id}/").json()

    assert {"packet", "told", "reason"}.isdisjoint(others)
    assert "1990-05-17" not in str(others)
    assert (own["reason"], own["told"], "packet" in own) == ("mine", {}, False)


def test_the_receiver_never_sees_the_clients_record(case, api) -> None:
    case.accepted()
    web = api(case.cast.at_south[Role.CASE_MANAGER])

    paths = [
        f"clients/{case.client.id}/",
        f"episodes/{case.episode.id}/",
        f"episodes/{case.episode.id}/transitions/",
    ]
    assert [web.get(path).status_code for path in paths] == [404, 404, 404]
    assert web.get(f"consents/?client={case.client.id}").json()["results"] == []
    assert web.get("clients/").json()["results"] == []


def test_outsiders_get_the_same_404_everywhere(case, api) -> None:
    sent = case.sent()
    web = api(case.cast.outsider)
    unknown = web.get("referrals/00000000-0000-7000-8000-000000000000/")

    answers = [
        web.get(f"referrals/{sent.id}/"),
        web.get(f"referrals/{sent.id}/transitions/"),
        web.post(f"referrals/{sent.id}/transitions/", {"verb": "accept"}),
        web.post(f"referrals/{sent.id}/transitions/", {"verb": "send"}),
        web.patch(f"referrals/{sent.id}/", {"reason": "x"}, If_Match='"2"'),
    ]

    assert {(answer.status_code, answer.content) for answer in answers} == {(404, unknown.content)}
    for box in ("sent", "inbox"):
        assert web.get(f"referrals/?box={box}").json()["results"] == []
    assert Referral.objects.get().version == sent.version


def test_sight_of_the_record_does_not_open_what_another_organization_sent(case, api) -> None:
    sent = case.sent()
    Grant.objects.create(client_id=case.client.id, organization_id=case.cast.east.id, reason=Reason.EXPLICIT)

    assert api(case.cast.outsider).get(f"clients/{case.client.id}/").status_code == 200
    assert api(case.cast.outsider).get(f"referrals/{sent.id}/").status_code == 404


def test_a_grant_for_another_referral_opens_nothing(case, api) -> None:
    sent = case.sent()
    other = referrals.case(case.cast, phone="+13165550101")
    other_sent = other.sent()
    Grant.objects.filter(source_id=sent.id).update(revoked_at=sent.sent_at)

    web = api(case.receiver)
    assert web.get(f"referrals/{sent.id}/").status_code == 404
    assert web.get(f"referrals/{other_sent.id}/").status_code == 200


def test_the_inbox_shows_the_urgent_and_the_newest_first_without_names(case, api) -> None:
    routine = case.sent()
    urgent = referrals.case(case.cast, phone=None).sent(urgency="urgent")
    newest = referrals.case(case.cast, phone=None).sent()
    referrals.case(case.cast, phone=None).draft()
    web = api(case.receiver)

    pages, cursor = [], ""
    for _ in range(2):
        answer = web.get(f"referrals/?box=inbox&limit=2{cursor}").json()
        pages += answer["results"]
        cursor = f"&cursor={answer['next']}"

    assert [row["id"] for row in pages] == [str(urgent.id), str(newest.id), str(routine.id)]
    assert answer["next"] is None
    assert {row["client_id"] for row in pages} == {None}
    assert {row["organization_name"] for row in pages} == {"North"}
    assert "Ada" not in str(pages)


def test_the_sent_box_filters_by_stage_and_client(case, api) -> None:
    sent = case.sent()
    other = referrals.case(case.cast, phone=None)
    draft = other.draft()
    web = api(case.sender)

    def listed(query: str) -> list[str]:
        return [row["id"] for row in web.get(f"referrals/?box=sent{query}").json()["results"]]

    assert listed("") == [str(draft.id), str(sent.id)]
    assert listed("&stage=sent") == [str(sent.id)]
    assert listed(f"&client={other.client.id}") == [str(draft.id)]
    assert web.get("referrals/?box=inbox").json()["results"] == []
    assert web.get("referrals/?box=all").status_code == 400


def test_the_receiver_cannot_ask_for_a_client(case, api) -> None:
    case.sent()

    assert api(case.receiver).get(f"referrals/?box=inbox&client={case.client.id}").json()["results"] == []


def test_every_view_is_audited_with_its_client(case, api) -> None:
    sent = case.sent()
    web = api(case.receiver)
    web.get(f"referrals/{sent.id}/")
    web.get("referrals/?box=inbox")

    for action in ("referral.read", "referral.listed"):
        row = AuditEvent.objects.get(action=action, organization_id=case.cast.south.id)
        assert (row.actor_id, row.client_ids) == (case.receiver.id, [case.client.id])


def test_a_list_takes_a_fixed_number_of_queries(case, api, django_assert_num_queries) -> None:
    web = api(case.sender)
    for _ in range(3):
        referrals.case(case.cast, phone=None).draft()
    with django_assert_num_queries(7):  # login, savepoint, who acts, rows, audit row, who acted, release
        web.get("referrals/?box=sent")


def test_two_programs_of_one_receiver_are_two_packets(case, api) -> None:
    consents.consent(case.client, recipients=[case.cast.south])
    first = case.draft()
    case.move(first.id, "send", case.sender)
    case.program = programs.program(case.cast.south)
    second = case.draft(categories=("identity",))

    web = api(case.receiver)
    assert web.get(f"referrals/{first.id}/").status_code == 200
    assert web.get(f"referrals/{second.id}/").status_code == 404


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER])
def test_peers_and_houses_learn_nothing_of_what_was_asked_in_an_earlier_episode(case, api, role) -> None:
    """CLN-31: nobody counts how often somebody began."""
    sent, whole, theirs = case.sent(), api(case.sender), api(case.cast.at_north[role])
    assert [row["id"] for row in theirs.get("referrals/").json()["results"]] == [str(sent.id)]
    over = {"verb": "cancel", "data": {"cancel_reason": "withdrew"}}
    whole.post(f"episodes/{case.episode.id}/transitions/", over)
    again = {"client": str(case.client.id), "source": "self", "reason": "Asks.", "previous": str(case.episode.id)}
    assert whole.post("episodes/", again).status_code == 201
    asked = {"episode": str(case.episode.id), "program": str(case.program.id), "reason": "Asks."}

    assert theirs.get("referrals/").json()["results"] == []
    for path in (f"referrals/{sent.id}/", f"referrals/{sent.id}/transitions/"):
        assert (whole.get(path).status_code, theirs.get(path).status_code) == (200, 404)
    assert (whole.post("referrals/", asked).status_code, theirs.post("referrals/", asked).status_code) == (409, 404)


def test_the_receivers_work_names_no_client(case, api) -> None:
    """REF-04: two referrals, or one that was stopped, are not to be joined by an id."""
    case.sent()
    web = api(case.receiver)

    (item,) = web.get("work-items/").json()["results"]
    read = web.get(f"work-items/{item['id']}/").json()

    assert (item["kind"], item["client_id"], read["client_id"]) == ("referral_received", None, None)
    assert WorkItem.objects.get(pk=item["id"]).client_id == case.client.id
