"""Notes of groups: what is shared is about nobody, what is about one client is that client's (F9, PEER-06)."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, transaction

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.safety.models import RiskAlert
from casemgmt.sessions.models import PeerNote
from casemgmt.worklist.models import WorkItem
from tests.factories import notes, sessions


@pytest.fixture
def ada(cast):
    """Return a client who came to the group."""
    return notes.client(cast.north, given_name="Ada", family_name="Zübrük", phone="+13165550101")


@pytest.fixture
def ben(cast):
    """Return another one."""
    return notes.client(cast.north, given_name="Benjamin", family_name="Okafor", phone="+13165550102")


@pytest.fixture
def group(cast, ada, ben):
    """Return the group that both came to."""
    return notes.held(cast.peer, ada, ben)


def test_one_shared_note_and_a_private_one_for_each(cast, api, group, ada, ben) -> None:
    web = api(cast.peer)

    shared = notes.signed(web, "peer", group, None, "We spoke about mornings.", group_size=9)
    hers = notes.signed(web, "peer", group, ada, "Sleeps badly.")
    his = notes.signed(web, "peer", group, ben, "Found work.")

    assert (shared["client_id"], shared["group_size"], shared["units"]) == (None, 9, None)
    assert {row["id"] for row in web.get(f"notes/peer/?session={group.id}").json()["results"]} == {
        shared["id"], hers["id"], his["id"],
    }  # fmt: skip
    assert notes.draft(web, "peer", group, None).json()["code"] == "note_exists"


@pytest.mark.parametrize("text", ["ada was quiet.", "ZUBRUK left.", "Both Ada and others.", "Okafor, of course"])
def test_a_shared_note_names_nobody(cast, api, group, text) -> None:
    """F9: whatever the case and the accents."""
    refused = notes.draft(api(cast.peer), "peer", group, None, text)

    assert (refused.status_code, refused.json()["code"]) == (422, "note_names_client")
    assert not PeerNote.objects.exists()


def test_the_note_of_one_names_no_other(cast, api, group, ada, ben) -> None:
    """F9: no client's record tells of another; one's own name is one's own."""
    web = api(cast.peer)

    refused = notes.draft(web, "peer", group, ada, "Argued with Benjamin.")
    elsewhere = notes.draft(web, "peer", group, ada, "Fine.", goals=["Be like Okafor."])

    assert [each.json()["code"] for each in (refused, elsewhere)] == ["note_names_client"] * 2
    assert notes.draft(web, "peer", group, ada, "Ada slept well.").status_code == 201
    alone = notes.held(cast.peer, ada, ago=9)
    assert notes.draft(web, "peer", alone, ada, "Benjamin is her brother.").status_code == 201


def test_who_one_does_not_see_is_named_neither(cast, api, ada) -> None:
    """F9: a group may hold somebody whom the one who writes may no longer see."""
    hidden = notes.client(cast.south, given_name="Yusuf", phone=None)
    group = notes.held(cast.peer, ada, hidden)

    refused = notes.draft(api(cast.peer), "peer", group, None, "Yusuf spoke first.")

    assert refused.json()["code"] == "note_names_client"
    assert notes.draft(api(cast.peer), "peer", group, hidden).status_code == 404


def test_an_organization_that_sees_one_client_learns_nothing_of_the_other(cast, api, group, ada, ben) -> None:
    """F9: every answer of every kind of note, and every work item."""
    web = api(cast.peer)
    notes.signed(web, "peer", group, None, "We spoke about mornings.", group_size=7)
    notes.signed(web, "peer", group, ada, "Sleeps badly.")
    his = notes.signed(web, "peer", group, ben, "Found work.")
    Grant.objects.create(client_id=ada.id, organization_id=cast.south.id, reason=Reason.REFERRAL)
    south = api(cast.at_south[Role.SUPERVISOR])

    seen = [south.get(f"notes/{kind}/").json() for kind in notes.WORDS]
    seen += [south.get(f"notes/{kind}/?session={group.id}").json() for kind in notes.WORDS]
    seen += [south.get("work-items/").json()]

    peer = seen[0]["results"]
    assert {row["summary"] for row in peer} == {"We spoke about mornings.", "Sleeps badly."}
    assert [row["group_size"] for row in peer] == [None, None]
    told = json.dumps(seen)
    for secret in (str(ben.id), his["id"], "Benjamin", "Okafor", "Found work", str(his["line_id"])):
        assert secret not in told
    assert south.get(f"notes/peer/{his['id']}/").status_code == 404
    assert south.get(f"notes/peer/?client={ben.id}").json()["results"] == []


def test_whoever_was_not_there_has_no_part_in_the_shared_note(cast, api, ada, ben) -> None:
    group = sessions.session(cast.peer, ada, ahead=-3, stage="held", format="group")
    sessions.attendance(group, ben, state="no_show")
    notes.signed(api(cast.peer), "peer", group, None, "We spoke about mornings.")
    Grant.objects.create(client_id=ben.id, organization_id=cast.south.id, reason=Reason.REFERRAL)

    assert api(cast.at_south[Role.SUPERVISOR]).get("notes/peer/").json()["results"] == []


def test_distress_is_told_in_the_note_of_whom_it_is_about(cast, api, group, ada) -> None:
    """PEER-03, F9."""
    web = api(cast.peer)

    refused = notes.draft(web, "peer", group, None, distress=True)
    worried = notes.draft(web, "peer", group, None, "Somebody said they want to die.")

    assert refused.status_code == 400
    assert worried.json()["code"] == "handoff_required"
    assert not PeerNote.objects.exists()
    handoff = {"to_staff": str(cast.therapist.id), "method": "phone", "at": group.ends_at.isoformat()}
    assert notes.draft(web, "peer", group, ada, distress=True, handoff=handoff).status_code == 201
    assert notes.draft(web, "peer", group, None, "Somebody said they want to die.").status_code == 201
    assert RiskAlert.objects.get().client_id == ada.id
    assert set(WorkItem.objects.values_list("client_id", flat=True)) == {ada.id}


def test_how_many_were_there_stands_in_the_shared_note_only(cast, api, group, ada) -> None:
    refused = notes.draft(api(cast.peer), "peer", group, ada, group_size=4)

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["group_size"])
    row = {"session": group, "happened_at": group.starts_at, "organization": cast.north, "author_id": cast.peer.id}
    with pytest.raises(IntegrityError, match="peernote_group_size_shared"), transaction.atomic():
        PeerNote.objects.create(id=group.id, line_id=group.id, client=ada, group_size=4, **row)


@pytest.mark.parametrize("text", ["Her sister: 316-555-0177.", "Call +1 (316) 555 0177", "3165550177"])
def test_a_personal_number_is_no_part_of_a_note(cast, api, ada, text) -> None:
    """PEER-06: no personal numbers stored; the client's own stands among the ways to reach them."""
    web, session = api(cast.peer), notes.held(cast.peer, ada)

    refused = notes.draft(web, "peer", session, ada, text)
    logged = web.post("session-log/", {"client": str(ada.id), "minutes": 5, "mode": "text", "summary": text})

    assert [each.json()["code"] for each in (refused, logged)] == ["personal_number"] * 2
    assert not PeerNote.objects.exists()
    assert notes.draft(web, "peer", session, ada, "Reached at (316) 555-0101; call 988 at night.").status_code == 201


def test_a_text_outside_the_platform_is_a_session(cast, api, ada) -> None:
    """PEER-06."""
    made = api(cast.peer).post("session-log/", {"client": str(ada.id), "minutes": 5, "mode": "text"}).json()

    assert (made["mode"], made["minutes"], made["units"]) == ("text", 5, 0)


def test_people_of_other_groups_may_share_a_name(cast, api, ada) -> None:
    ann, other = (notes.client(cast.north, given_name="Ann", family_name=name, phone=None) for name in ("Li", "Wu"))
    group = notes.held(cast.peer, ann, other)

    assert notes.draft(api(cast.peer), "peer", group, ann, "Ann spoke.").status_code == 201
    assert notes.draft(api(cast.peer), "peer", group, None, "Ada Lovelace was our topic.").status_code == 201
