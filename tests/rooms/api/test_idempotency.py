"""The same key and request answer once and repeat for ever (F25)."""

from __future__ import annotations

from datetime import timedelta

from casemgmt.accounts.models import User
from casemgmt.accounts.roles import Role
from casemgmt.api.idempotency import forget_old_answers
from casemgmt.api.models import IdempotencyKey
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client
from tests.factories import people

ADA = {"given_name": "Ada", "family_name": "Example"}


def test_a_repeat_gets_the_first_answer_byte_for_byte_and_makes_nothing(cast, api) -> None:
    web = api(cast.case_manager)
    first = web.post("clients/", ADA, Idempotency_Key="one")

    repeats = [web.post("clients/", ADA, Idempotency_Key="one") for _ in range(50)]

    assert first.status_code == 201
    assert {(each.status_code, each.content, each["ETag"]) for each in repeats} == {(201, first.content, first["ETag"])}
    assert {each["Idempotency-Replayed"] for each in repeats} == {"true"}
    assert Client.objects.count() == 1


def test_the_same_key_for_another_request_is_refused(cast, api) -> None:
    web = api(cast.case_manager)
    web.post("clients/", ADA, Idempotency_Key="one")

    answer = web.post("clients/", {**ADA, "given_name": "Eve"}, Idempotency_Key="one")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert Client.objects.count() == 1


def test_another_person_has_keys_of_their_own(cast, api) -> None:
    first = api(cast.case_manager).post("clients/", ADA, Idempotency_Key="one")
    second = api(cast.supervisor).post("clients/", ADA, Idempotency_Key="one")

    assert first.json()["id"] != second.json()["id"]
    assert Client.objects.count() == 2


def test_a_refusal_leaves_the_key_free_for_the_mended_request(cast, api) -> None:
    web = api(cast.case_manager)
    refused = web.post("clients/", {**ADA, "phone": "nonsense"}, Idempotency_Key="one")

    mended = web.post("clients/", {**ADA, "phone": "316 555 0123"}, Idempotency_Key="one")

    assert (refused.status_code, mended.status_code) == (400, 201)
    assert IdempotencyKey.objects.count() == 1


def test_a_repeat_leaves_an_audit_row_because_it_shows_the_answer_again(cast, api) -> None:
    web = api(cast.case_manager)
    for _ in range(3):
        web.post("clients/", ADA, Idempotency_Key="one")

    assert AuditEvent.objects.filter(action="client.repeated", actor_id=cast.case_manager.id).count() == 2


def test_what_logs_somebody_in_is_never_kept(cast, api) -> None:
    carla = people.staff(Role.CASE_MANAGER, at=cast.north, password=people.PASSWORD)
    login = {"email": User.objects.get(pk=carla.id).email, "password": people.PASSWORD}
    web = api(carla)

    answers = [web.post(path, login, Idempotency_Key="one") for path in ("tokens/", "tokens/", "session/")]

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.content for answer in answers}) == 3
    assert IdempotencyKey.objects.count() == 0


def test_an_answer_is_forgotten_after_a_day(cast, api, travel) -> None:
    web = api(cast.case_manager)
    web.post("clients/", ADA, Idempotency_Key="one")
    made = IdempotencyKey.objects.get().created_at

    travel(made + timedelta(hours=23))
    assert forget_old_answers() == 0
    travel(made + timedelta(hours=25))
    assert forget_old_answers() == 1

    assert web.post("clients/", ADA, Idempotency_Key="one").status_code == 201
    assert Client.objects.count() == 2
