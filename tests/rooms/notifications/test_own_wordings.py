"""An organization's own words: tried, approved by two people of two roles, versioned, ended (SMS-40 to 42, SMS-50)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.worklist.models import WorkItem
from notifications.models import Message, OwnWording
from notifications.services.delivery import claim_next, drain, hand_over
from notifications.services.wordings import is_approved
from tests.factories import notifications as make
from tests.factories import people

TEXT = "{alias}: How is your day? 1 fine, 2 so-so, 3 call me please. STOP to end."
SPANISH = "{alias}: ¿Qué tal su semana? 1 bien, 2 regular, 3 que me llamen. STOP para terminar."


@pytest.fixture
def write(cast, api, north):
    """Return `write(text, ...)`: the answer to a therapist who writes a wording."""

    def written(text: str = TEXT, *, key: str = "checkin", language: str = "en", by=None):
        return api(by or cast.therapist).post("wordings/", {"key": key, "language": language, "text": text})

    return written


@pytest.fixture
def approve(cast, api):
    """Return `approve(id, *actors)`: each of them approves; the statuses."""

    def approved(pk: str, *actors) -> list[int]:
        return [api(each).post(f"wordings/{pk}/approvals/").status_code for each in actors]

    return approved


@pytest.fixture
def both(cast):
    return (cast.supervisor, cast.at_north[Role.PRIVACY_OFFICER])


def sent(gateway) -> list[str]:
    drain(gateway=gateway)
    return [each.body for each in gateway.sent]


def test_ours_is_sent_until_both_parts_approved(ada, gateway, write, approve, both) -> None:
    pk = write().json()["id"]
    approve(pk, both[0])
    make.message(ada)
    assert sent(gateway)[0].startswith("CareLine: How are you today?")

    approve(pk, both[1])
    other = make.texted(ada.client.organization, phone="+13165550101")
    row = make.message(other)

    assert sent(gateway)[-1] == "CareLine: How is your day? 1 fine, 2 so-so, 3 call me please. STOP to end."
    assert Message.objects.get(pk=row.pk).template_version == "checkin.en.own1"


def test_editing_makes_a_version_and_the_approved_one_is_sent_meanwhile(ada, gateway, write, approve, both) -> None:
    first = write().json()
    approve(first["id"], *both)
    second = write(TEXT.replace("your day", "it going")).json()
    assert (first["version"], second["version"]) == ("checkin.en.own1", "checkin.en.own2")

    make.message(ada)
    assert "How is your day?" in sent(gateway)[0]


def test_ending_a_version_brings_back_the_one_before(ada, cast, api, gateway, write, approve, both) -> None:
    first, second = write().json()["id"], write(TEXT.replace("your day", "it going")).json()["id"]
    approve(first, *both)
    approve(second, *both)
    assert api(cast.therapist).post(f"wordings/{second}/end/").status_code == 200
    assert api(cast.therapist).post(f"wordings/{second}/end/").json()["code"] == "wording_ended"

    make.message(ada)
    assert "How is your day?" in sent(gateway)[0]


def test_a_version_that_is_ended_while_a_text_is_on_its_way_is_not_sent(
    ada, cast, api, gateway, write, approve, both
) -> None:
    """CHK-01: the gate asks again in the sending transaction; a person is told."""
    pk = write().json()["id"]
    approve(pk, *both)
    row = make.message(ada)
    claim = claim_next()
    assert claim is not None
    api(cast.therapist).post(f"wordings/{pk}/end/")
    hand_over(claim, gateway=gateway)

    row.refresh_from_db()
    assert (row.status, row.reason, gateway.sent) == ("cancelled", "template_not_approved", [])
    assert WorkItem.objects.filter(source_id=row.id, kind="message_failed").exists()


def test_it_takes_two_people_one_for_each_part(cast, write, approve, north, api) -> None:
    """SMS-42: clinician and privacy officer; whoever holds both roles stands for one."""
    double = people.staff(Role.THERAPIST, Role.PRIVACY_OFFICER, at=north)
    pk = write().json()["id"]
    assert approve(pk, double, double, cast.therapist) == [201, 409, 409]
    assert not is_approved("checkin.en.own1", organization_id=north.id)

    assert approve(pk, cast.at_north[Role.PRIVACY_OFFICER]) == [201]
    assert is_approved("checkin.en.own1", organization_id=north.id)
    assert approve(pk, cast.at_north[Role.PRIVACY_OFFICER]) == [409]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.CASE_MANAGER, Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, Role.INTAKE])
def test_nobody_else_approves(cast, write, approve, role) -> None:
    pk = write().json()["id"]

    assert approve(pk, cast.at_north[role]) == [403]
    assert OwnWording.objects.get().approvals.count() == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (TEXT.replace("day", "recovery"), "sms_template_phi"),
        (TEXT.replace("day", "dosis"), "sms_template_phi"),
        (TEXT + " www.example.com", "sms_template_link"),
        (TEXT + " x" * 60, "sms_too_long"),
        (TEXT + " 🙂", "sms_too_long"),
    ],
)
def test_what_the_linter_refuses_is_not_written(write, text, code) -> None:
    answer = write(text)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not OwnWording.objects.exists()


@pytest.mark.parametrize(
    "text", ["How are you? 1 2 3 STOP", "{alias}: 1 or 2? STOP", "{alias}: 1 2 3 STOPPING", TEXT + " {name}"]
)
def test_what_a_text_needs_must_stand_in_it(write, text) -> None:
    answer = write(text)

    assert (answer.status_code, "text" in answer.json()["fields"]) == (400, True)
    assert not OwnWording.objects.exists()


def test_the_alias_is_judged_with_the_text(write, north) -> None:
    """SMS-40: the rendered text counts, alias and all."""
    north.sms_alias = "Sober Friends"
    north.save(update_fields=["sms_alias"])

    assert write().json()["code"] == "sms_template_phi"


def test_a_preview_shows_the_text_its_size_and_why_not(cast, api, north) -> None:
    web = api(cast.at_north[Role.ADMIN])
    given = {"key": "appointment", "language": "en", "text": "{alias}: See you {date} at {time}? STOP to end."}

    shown = web.post("wordings/preview/", given).json()
    assert shown == {
        "text": "CareLine: See you Wed, Sep 30 at 12:30 PM? STOP to end.",
        "encoding": "gsm7",
        "units": 55,
        "segments": 1,
        "refusal": None,
    }
    curly = web.post("wordings/preview/", {**given, "text": given["text"].replace("?", "\u2019" * 30)}).json()
    assert (curly["encoding"], curly["segments"], curly["refusal"]) == ("ucs2", 2, "sms_too_long")
    assert not OwnWording.objects.exists()


def test_the_language_of_the_client_counts_for_more_than_whose_words_they_are(
    north, gateway, write, approve, both
) -> None:
    """Own English does not push out our Spanish; own Spanish does."""
    approve(write().json()["id"], *both)
    speaks = make.texted(north, phone="+13165550102", language="es-MX")
    make.message(speaks, language="es")
    assert sent(gateway)[-1].startswith("CareLine: ¿Qué tal hoy?")

    approve(write(SPANISH, language="es").json()["id"], *both)
    again = make.texted(north, phone="+13165550103", language="es-MX")
    make.message(again, language="es")
    assert sent(gateway)[-1].startswith("CareLine: ¿Qué tal su semana?")


def test_one_organizations_words_are_not_anothers(cast, api, gateway, write, approve, both) -> None:
    pk = write().json()["id"]
    approve(pk, *both)
    south = make.organization("Southern")
    make.message(make.texted(south, phone="+13165550104"))

    assert sent(gateway)[0].startswith("CareLine: How are you today?")
    assert api(cast.at_south[Role.THERAPIST]).get("wordings/").json()["results"] == []
    assert api(cast.at_south[Role.THERAPIST]).post(f"wordings/{pk}/end/").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE notifications_ownwording SET text = 'other'",
        "DELETE FROM notifications_ownwording",
        "UPDATE notifications_wordingapproval SET part = 'privacy'",
        "DELETE FROM notifications_wordingapproval",
    ],
)
def test_postgresql_keeps_what_was_approved(write, approve, both, change) -> None:
    approve(write().json()["id"], both[0])

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_postgresql_keeps_when_it_ended(cast, api, write) -> None:
    pk = write().json()["id"]
    assert api(cast.therapist).post(f"wordings/{pk}/end/").status_code in (200, 204)
    ended = OwnWording.objects.values_list("ended_at", "ended_by").get()

    for change in ("ended_at = now() + interval '1 day'", "ended_at = NULL, ended_by = NULL"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE notifications_ownwording SET {change}")

    assert OwnWording.objects.values_list("ended_at", "ended_by").get() == ended
    assert None not in ended


def test_the_list_costs_the_same_however_long_it_is(cast, api, write) -> None:
    web = api(cast.therapist)

    def cost(more: int) -> int:
        for _ in range(more):
            assert write().status_code == 201
        with CaptureQueriesContext(connection) as queries:
            web.get("wordings/")
        return len(queries)

    assert cost(1) == cost(5)
