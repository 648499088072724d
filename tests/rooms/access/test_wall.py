"""The second wall as the product meets it: requests, nested blocks, pooled connections, forgotten filters (S6)."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, DatabaseError, ProgrammingError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from casemgmt.access.models import Grant, Reason
from casemgmt.access.services import grant, revoke_grants
from casemgmt.accounts.services import issue_token
from casemgmt.api.views import ApiView
from casemgmt.checks import role_is_bound_by_policies
from casemgmt.clients.models import Client, ContactPoint
from casemgmt.clients.services import NewClient, record_client
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.management.ticks import TICKS
from casemgmt.outbox.relay import relay
from tests.factories import people

MACHINE = Actor.system("test")


class Forgetful(ApiView):
    """A view that forgot to ask who may see what."""

    audit_action = "test.forgot"

    def get(self, request: Any) -> Response:
        """Answer everything that PostgreSQL shows."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), max(family_name), pg_backend_pid() FROM clients_client")
            count, name, process = cursor.fetchone()
        shown = [str(each) for each in Client.objects.values_list("family_name", flat=True)]
        numbers = ContactPoint.objects.count()
        return Response({"count": count, "last": name, "shown": shown, "numbers": numbers, "process": process})


def ask(secret: str) -> Any:
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {secret}")
    return Forgetful.as_view()(request).data


def count_clients() -> int:
    return Client.objects.count()


@pytest.fixture
def strict(db: None) -> None:
    """The connection as the product finds it: nobody is told."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('casemgmt.actor_kind', '', true)")


def test_a_view_that_forgot_to_filter_shows_nothing_of_others(cast) -> None:
    """S6: no row, no number, no count, no highest value."""
    people.client(cast.south, family_name="Zuse")
    _, mine = issue_token(actor=cast.case_manager)
    _, theirs = issue_token(actor=cast.outsider)
    people.client(cast.north, family_name="Abel")

    answer = ask(mine)
    assert (answer["count"], answer["last"], answer["shown"], answer["numbers"]) == (1, "Abel", ["Abel"], 1)
    answer = ask(theirs)
    assert (answer["count"], answer["last"], answer["shown"], answer["numbers"]) == (0, None, [], 0)


def test_nothing_is_seen_and_nothing_is_taken_while_nobody_is_told(cast, strict) -> None:
    """S6: what forgets to say who acts fails closed."""
    with acting_as(MACHINE):
        client = people.client(cast.north)
        assert count_clients() == 1

    assert count_clients() == 0
    assert Client.objects.update(family_name="Taken") == 0
    assert ContactPoint.objects.filter(client=client).delete() == (0, {})
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        people.client(cast.north)
    with acting_as(MACHINE):
        assert list(Client.objects.values_list("family_name", flat=True)) == ["Example"]


def test_who_acted_before_acts_again_after_a_block(cast, strict) -> None:
    """S6: also when the block breaks off, and when it is taken back."""
    with acting_as(MACHINE):
        people.client(cast.north)
    with acting_as(cast.case_manager):
        with acting_as(cast.outsider):
            assert count_clients() == 0
            with acting_as(MACHINE):
                assert count_clients() == 1
            assert count_clients() == 0
        assert count_clients() == 1
        with pytest.raises(ZeroDivisionError), acting_as(cast.outsider):
            assert count_clients() / count_clients()
        assert count_clients() == 1
        with acting_as(cast.outsider):
            transaction.set_rollback(True)
        assert count_clients() == 1

    assert count_clients() == 0


def test_a_door_of_an_organization_opens_behind_the_wall(cast, strict) -> None:
    """S6: whoever records a client sees it at once, and nobody else does."""
    new = NewClient(given_name="Ada", family_name="Example", phone="+13165550100")
    with acting_as(cast.case_manager):
        record_client(new=new, actor=cast.case_manager)
        assert (count_clients(), ContactPoint.objects.count()) == (1, 1)
    with acting_as(cast.outsider):
        assert (count_clients(), ContactPoint.objects.count(), Grant.objects.count()) == (0, 0, 0)


def test_a_grant_that_ends_bites_at_the_next_statement(cast, strict) -> None:
    """S3, S6: inside a transaction that began before."""
    with acting_as(MACHINE):
        client = people.client(cast.north)
        source = client.id
        more = {"reason": Reason.EXPLICIT, "source_id": source, "actor": MACHINE}
        grant(client_id=client.id, organization_id=cast.east.id, **more)
    with acting_as(cast.outsider):
        assert count_clients() == 1
        assert revoke_grants(source_id=source, at=clock.now(), actor=cast.outsider) == 1
        assert count_clients() == 0


def test_no_row_is_written_for_a_client_that_the_actor_does_not_see(cast, strict) -> None:
    """S6: the refusal is the same whether the number is taken or not, so it tells nothing."""
    with acting_as(MACHINE):
        client = people.client(cast.north, phone="+13165550100")
    sentences = set()
    for number in ("+13165550100", "+13165550101"):
        with (
            acting_as(cast.outsider),
            pytest.raises(ProgrammingError, match="row-level security") as refused,
            transaction.atomic(),
        ):
            ContactPoint.objects.create(client=client, kind="phone", value=number, preferred=True)
        sentences.add(str(refused.value))
    with acting_as(cast.outsider), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        grant(client_id=client.id, organization_id=cast.east.id, reason=Reason.CARE, actor=cast.outsider)

    assert len(sentences) == 1
    with acting_as(MACHINE):
        assert (ContactPoint.objects.count(), Grant.objects.count()) == (1, 1)


def test_what_triggers_judge_they_judge_over_every_row(cast, strict) -> None:
    """STG-12, S6: a stage that its ledger does not tell is found, though the actor may not look at either."""
    with acting_as(MACHINE):
        client = people.client(cast.north)
    with acting_as(cast.case_manager):
        Episode.objects.create(
            client=client, organization=cast.north, stage="intake", opened_at=clock.now(), source="test"
        )
        with acting_as(MACHINE):
            Grant.objects.all().update(revoked_at=clock.now())
        with pytest.raises(DatabaseError, match="disagrees with its ledger"), transaction.atomic():
            connection.check_constraints()
        transaction.set_rollback(True)


def test_a_thousand_requests_of_two_organizations_on_one_connection_never_mix(committed_db) -> None:
    """S6: what is told for one request is gone at the next, and between them nothing is seen."""
    organizations = [people.organization(name) for name in ("North", "South")]
    secrets = []
    for each in organizations:
        people.client(each, family_name=each.name)
        _, secret = issue_token(actor=people.staff(people.Role.CASE_MANAGER, at=each))
        secrets.append((each.name, secret))
    with connection.cursor() as cursor:
        cursor.execute("SET casemgmt.actor_kind = ''")  # as the product's connections are
    answers = []
    for number in range(1000):
        name, secret = secrets[number % 2]
        answer = ask(secret)
        answers.append((answer["shown"] == [name], answer["count"], answer["numbers"], answer["process"]))
        if number % 100 == 0:
            assert count_clients() == 0

    assert set(answers) == {(True, 1, 1, answers[0][3])}


def test_every_tick_says_by_itself_that_a_machine_acts(committed_db) -> None:
    """S6: on connections like those of the product, each finishes its round."""
    north = people.organization()
    actor = people.staff(people.Role.CASE_MANAGER, at=north)
    with acting_as(actor):
        record_client(new=NewClient(given_name="Ada", family_name="Example"), actor=actor)
    with connection.cursor() as cursor:
        cursor.execute("SET casemgmt.actor_kind = ''")
    for tick in TICKS:
        assert tick.run(lambda: True) >= 0
    assert relay() == 0


@pytest.mark.parametrize(
    ("user", "power"), [("postgres", "a superuser"), ("bypasser", "BYPASSRLS"), ("casemgmt_owner", "the owner")]
)
def test_a_process_gets_no_connection_under_a_role_that_sees_past_the_wall(
    committed_db, monkeypatch, user, power
) -> None:
    """S6: refused at the connection, so no process can work under it, and named by the start-up proofs."""
    if user == "bypasser":
        with superuser() as powerful:
            powerful.execute("DROP ROLE IF EXISTS bypasser")
            powerful.execute("CREATE ROLE bypasser LOGIN BYPASSRLS NOSUPERUSER")
    assert role_is_bound_by_policies(databases=["default"]) == []
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "USER", user)

    with pytest.raises(ImproperlyConfigured, match=power):
        connection.ensure_connection()
    assert connection.connection is None
    assert [each.id for each in role_is_bound_by_policies(databases=[DEFAULT_DB_ALIAS])] == ["casemgmt.E011"]


def superuser() -> psycopg.Connection[Any]:
    """Return a connection of the embedded server's superuser."""
    server = connections["default"].settings_dict
    return psycopg.connect(host=server["HOST"], dbname=server["NAME"], user="postgres")


def test_a_machine_inside_another_is_not_told_again_and_whoever_acted_before_acts_again(cast, strict) -> None:
    """S6: PostgreSQL always shows what the innermost actor may see, however it ended."""
    with acting_as(MACHINE):
        people.client(cast.north, family_name="Abel")
    house, clock_work = Actor.system("house"), Actor.system("clock")

    with acting_as(cast.outsider):
        assert count_clients() == 0
        with acting_as(house):
            with CaptureQueriesContext(connection) as seen, acting_as(clock_work):
                assert count_clients() == 1
            assert not [each for each in seen.captured_queries if "set_config" in each["sql"]]
            with acting_as(cast.case_manager):
                assert count_clients() == 1
            with pytest.raises(ZeroDivisionError), acting_as(cast.outsider):
                raise ZeroDivisionError
            assert count_clients() == 1
        assert count_clients() == 0
    assert count_clients() == 0
