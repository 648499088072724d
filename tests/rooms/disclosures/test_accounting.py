"""Accountings: asked for, extended once, given; three years of consents, six of the rest (P2-55 to P2-57)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.consent.models import Disclosure
from casemgmt.consent.notices import LABELS, STATEMENTS
from casemgmt.consent.packets import packet_hash
from casemgmt.disclosures.models import AccountingRequest
from casemgmt.disclosures.services.accounting import extend_accounting
from casemgmt.kernel import clock
from casemgmt.kernel.errors import Invalid
from casemgmt.worklist.models import WorkItem
from tests.factories import consent as consents
from tests.factories import people

from . import paper

ASKS = {"requester": "self", "requester_name": "Ada Example"}


@pytest.fixture
def client(cast):
    """A client of North."""
    return people.client(cast.north)


@pytest.fixture
def officer(cast, api):
    """North's privacy officer."""
    return api(cast.at_north[Role.PRIVACY_OFFICER])


@pytest.fixture
def ask(officer, client):
    """Return `ask(**changes)`: the client asks; the request."""
    return lambda **changes: officer.post(f"clients/{client.id}/accounting-requests/", ASKS | changes).json()


@pytest.fixture
def left(cast, client):
    """Return `left(at, **columns)`: a ledger row of something that left then under a consent."""
    given = consents.consent(client, recipients=[cast.south])

    def write(at: datetime, **columns):
        told = {
            "client": client,
            "organization": cast.north,
            "recipient_name": "South",
            "purpose": "treatment",
            "categories": ["reason", "level_of_care"],
            "description": "A packet",
            "basis": "consent",
            "consent": given,
            "notice_statement": 1,
            "method": "in_system",
            "actor_kind": "staff",
        }
        return Disclosure.objects.create(at=at, **told | columns)

    return write


def told(officer, asked) -> list[str]:
    report = officer.get(f"accounting-requests/{asked['id']}/report/").json()
    return [row["description"] for row in report["disclosures"]]


def due() -> list[tuple[str, str]]:
    return list(WorkItem.objects.open().filter(kind="accounting_due").values_list("role", "due_at"))


def test_it_is_due_in_sixty_days_and_on_the_privacy_officer_s_list(officer, ask) -> None:
    """P2-57: counted from when the client asked, not from when somebody wrote it down."""
    received = clock.now() - timedelta(days=5)

    asked = ask(received_at=received.isoformat())

    row = AccountingRequest.objects.get(pk=asked["id"])
    assert (row.due_at, row.free, row.delivered_at) == (received + timedelta(days=60), True, None)
    assert due() == [("privacy_officer", row.due_at)]


def test_the_first_of_a_year_is_free_whatever_others_asked_and_what_was_asked_elsewhere(cast, officer, client) -> None:
    """164.528(c)(2): once in twelve months, of each organization."""
    other = people.client(cast.north)
    assert officer.post(f"clients/{other.id}/accounting-requests/", ASKS).json()["free"] is True
    abroad = AccountingRequest.objects.get()
    copied = {
        field.name: getattr(abroad, field.name)
        for field in AccountingRequest._meta.concrete_fields
        if field.name not in ("id", "client", "organization", "version", "created_at", "updated_at")
    }
    AccountingRequest.objects.create(client=client, organization=cast.south, **copied)

    free = [
        officer.post(f"clients/{client.id}/accounting-requests/", ASKS).json()["free"],
        officer.post(f"clients/{client.id}/accounting-requests/", ASKS).json()["free"],
    ]

    assert free == [True, False]


def test_nobody_asked_in_the_future(officer, client) -> None:
    later = (clock.now() + timedelta(minutes=5)).isoformat()

    answer = officer.post(f"clients/{client.id}/accounting-requests/", ASKS | {"received_at": later})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["received_at"])
    assert not AccountingRequest.objects.exists()


def test_one_extension_of_thirty_days_with_its_reason(officer, ask, travel) -> None:
    """P2-57."""
    asked = ask()
    before = AccountingRequest.objects.get().due_at
    path = f"accounting-requests/{asked['id']}/extension/"

    blank = officer.post(path, {"reason": "  "})
    extended = officer.post(path, {"reason": "Records are being restored."})
    again = officer.post(path, {"reason": "Still."})

    row = AccountingRequest.objects.get()
    assert (blank.status_code, extended.status_code, again.json()["code"]) == (400, 200, "already_extended")
    assert (row.due_at, row.extension_reason) == (before + timedelta(days=30), "Records are being restored.")
    assert due() == [("privacy_officer", row.due_at)]


def test_an_accounting_is_extended_and_given_only_as_it_was_seen_and_with_a_reason(cast, officer, ask) -> None:
    asked = ask()
    before = AccountingRequest.objects.values().get()

    stale = [
        officer.post(f"accounting-requests/{asked['id']}/extension/", {"reason": "Late.", "version": 7}),
        officer.post(f"accounting-requests/{asked['id']}/delivery/", {"method": "mail", "version": 7}),
    ]
    with pytest.raises(Invalid):
        extend_accounting(request_id=asked["id"], reason=" ", version=None, actor=cast.at_north[Role.PRIVACY_OFFICER])

    assert [answer.json()["code"] for answer in stale] == ["stale_version"] * 2, [each.content for each in stale]
    assert AccountingRequest.objects.values().get() == before


def test_time_that_is_over_is_not_extended(officer, ask, travel) -> None:
    asked = ask()
    travel(clock.now() + timedelta(days=60, minutes=1))

    late = officer.post(f"accounting-requests/{asked['id']}/extension/", {"reason": "Sorry."})

    assert (late.status_code, late.json()["code"]) == (409, "too_late")
    assert AccountingRequest.objects.get().extended_at is None


def test_three_years_of_consents_and_six_of_the_rest(officer, ask, left) -> None:
    """P2-56: to the second, on both sides of both ends."""
    asked = ask()
    received = AccountingRequest.objects.get().received_at
    three, six = received.replace(year=received.year - 3), received.replace(year=received.year - 6)
    second = timedelta(seconds=1)
    other = {"basis": "emergency_2_51", "consent": None, "artifact": "emergency_content"}
    for at, name, columns in (
        (six - second, "other too old", other),
        (six, "other oldest", other),
        (three - second, "consent too old", {}),
        (three - second, "other of four years", other),
        (three, "consent oldest", {}),
        (received - second, "newest", {}),
        (received, "after the request", {}),
    ):
        left(at, description=name, **columns)

    assert told(officer, asked) == ["other oldest", "other of four years", "consent oldest", "newest"]


def test_the_client_may_choose_a_shorter_period_and_no_longer_one(officer, ask, left) -> None:
    """P2-56."""
    at = clock.now()
    for days, name in ((1500, "beyond reach"), (40, "before"), (20, "within"), (5, "after")):
        left(at - timedelta(days=days), description=name)
    period = {"period_from": (at - timedelta(days=30)).isoformat(), "period_to": (at - timedelta(days=10)).isoformat()}
    wide = {"period_from": (at - timedelta(days=3000)).isoformat()}
    backwards = {"period_from": period["period_to"], "period_to": period["period_from"]}

    assert told(officer, ask(**period)) == ["within"]
    assert told(officer, ask(period_to=period["period_to"])) == ["before", "within"]
    assert told(officer, ask(**wide)) == ["before", "within", "after"]
    assert list(ask(**backwards)["fields"]) == ["period_to"]


def test_a_leap_day_reaches_back_to_the_day_before(officer, ask) -> None:
    asked = ask(received_at="2024-02-29T12:00:00Z")

    report = officer.get(f"accounting-requests/{asked['id']}/report/").json()

    assert (report["consent_from"][:10], report["others_from"][:10]) == ("2021-02-28", "2018-02-28")


def test_json_and_pdf_hold_every_row_the_notice_and_the_labels(cast, api, client, officer, ask, travel) -> None:
    """P2-30, P2-33, P2-55, P2-56: consents, emergencies and what was spoken; not what the client got themselves."""
    consents.consent(client, recipients=[cast.south])
    web = api(cast.case_manager)
    web.post(f"clients/{client.id}/oral-disclosures/", consents.spoken(cast.south))
    web.post(f"clients/{client.id}/emergency-disclosures/", consents.EMERGENCY)
    officer.post(f"accounting-requests/{ask()['id']}/delivery/", {"method": "in_person"})
    travel(clock.now() + timedelta(minutes=1))
    asked = ask()

    report = officer.get(f"accounting-requests/{asked['id']}/report/").json()
    document = officer.get(f"accounting-requests/{asked['id']}/report/pdf/")

    spoken, emergency = sorted(report["disclosures"], key=lambda row: row["basis"])
    assert (spoken["recipient"], spoken["purpose"], spoken["method"]) == (
        "Sam Intake, by telephone",
        "treatment",
        "oral",
    )
    assert emergency["recipient"] == "Dr. Rosa Lind, St. Mary's Emergency Department"
    assert (emergency["nature"], emergency["at"]) == (consents.EMERGENCY["nature"], "2026-01-01T21:04:00-06:00")
    assert (report["notice"]["text"], report["labels"]) == (STATEMENTS[1], list(LABELS))
    assert [label["code"] for label in report["meta"]["security"]] == list(LABELS)
    shown = paper.prose(document.content)
    for row in report["disclosures"]:
        assert row["recipient"] in shown
        assert row["description"] in shown
    for words in (STATEMENTS[1], *LABELS, "Ada Example", "2 disclosures in this period", consents.EMERGENCY["nature"]):
        assert words in shown
    assert (document.headers["Content-Type"], document.content[:5]) == ("application/pdf", b"%PDF-")
    assert AuditEvent.objects.filter(action="accounting_report.read", client_ids=[client.id]).count() == 2


def test_times_are_the_organization_s_and_an_hour_is_told_from_its_repeat(cast, client, officer, ask, left) -> None:
    """New York put its clocks back on 1 November 2026, at 06:00 UTC: 01:30 came twice."""
    cast.north.timezone = "America/New_York"
    cast.north.save()
    for hour, name in ((5, "first"), (6, "second")):
        left(datetime(2026, 11, 1, hour, 30, tzinfo=UTC), description=name)
    asked = ask(received_at="2026-11-02T03:00:00Z")

    report = officer.get(f"accounting-requests/{asked['id']}/report/").json()
    shown = paper.prose(officer.get(f"accounting-requests/{asked['id']}/report/pdf/").content)

    assert [row["at"] for row in report["disclosures"]] == ["2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"]
    assert "1. 2026-11-01 01:30 (UTC-04:00)" in shown
    assert "2. 2026-11-01 01:30 (UTC-05:00)" in shown
    assert "Asked by: Ada Example, on 2026-11-01" in shown  # it was still Sunday there
    assert "Times are those of America/New_York" in shown


def test_a_long_one_has_pages_and_loses_no_row(officer, ask, left) -> None:
    at = clock.now() - timedelta(days=1)
    for number in range(60):
        left(at + timedelta(minutes=number), description=f"Row ({number}) \\ of Zoë Łukasz 李")
    asked = ask()

    document = officer.get(f"accounting-requests/{asked['id']}/report/pdf/").content
    shown = paper.prose(document)

    assert all(f"Row ({number}) \\ of Zoë" in shown for number in range(60))
    pages = sum(line.startswith("Page ") for line in paper.lines(document))
    assert pages > 5
    assert f"Page {pages} of {pages}" in shown
    assert "cannot be shown here" in shown


def test_giving_it_stands_in_the_ledger_once(client, officer, ask) -> None:
    """P2-57, HIP-01: patient access is no disclosure with consent, and is no part of the next accounting."""
    asked = ask()
    path = f"accounting-requests/{asked['id']}/delivery/"

    given = officer.post(path, {"method": "mail", "artifact": "accounting_pdf"})
    again = officer.post(path, {"method": "mail"})

    row = Disclosure.objects.get()
    report = officer.get(f"accounting-requests/{asked['id']}/report/").json()
    assert (given.status_code, again.json()["code"]) == (200, "already_delivered")
    assert (row.basis, row.artifact, row.method, row.recipient_name) == (
        "patient_access",
        "accounting_pdf",
        "mail",
        "Ada Example",
    )
    assert (row.packet_sha256, row.notice_statement) == (packet_hash(report), 1)
    assert (due(), report["disclosures"]) == ([], [])
    with pytest.raises(DatabaseError), transaction.atomic():
        AccountingRequest.objects.update(delivery_method="oral")


def test_the_first_in_twelve_months_is_free(ask) -> None:
    """P2-57: counted back from the day each of them came."""
    at = clock.now()

    asked = [ask(received_at=(at - timedelta(days=days)).isoformat())["free"] for days in (800, 436, 434, 68)]

    assert asked == [True, False, False, True]


def test_only_the_privacy_officer_has_to_do_with_it(cast, api, client, ask) -> None:
    """Table 1.9."""
    asked = ask()

    for role in Role:
        if role == Role.PRIVACY_OFFICER:
            continue
        web = api(cast.at_north[role])
        made = web.post(f"clients/{client.id}/accounting-requests/", ASKS).status_code
        reads = [
            web.get(f"accounting-requests/{asked['id']}/{part}").status_code for part in ("report/", "report/pdf/")
        ]
        assert (made in (403, 404), reads) == (True, [404, 404]), role
    assert AccountingRequest.objects.count() == 1


def test_the_report_takes_as_many_queries_for_one_row_as_for_many(
    officer, ask, left, django_assert_num_queries
) -> None:
    path = f"accounting-requests/{ask()['id']}/report/"
    at = clock.now() - timedelta(days=2)

    for count in (1, 20):
        for _ in range(count):
            left(at)
        with django_assert_num_queries(9):
            officer.get(path)
