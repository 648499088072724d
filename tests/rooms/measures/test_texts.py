"""The wording of instruments: what ships, what an organization loads after accepting the license, and who sees it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.measures.instruments import CATALOG
from casemgmt.measures.models import InstrumentLicenseAcceptance, InstrumentText

# Words of our own in place of a text that we may not hold.
WORDS = {str(number): f"words of item {number}" for number in range(1, 11)}


def accept(web, instrument: str = "barc10", **changed: str) -> Any:
    """Send the acceptance of the terms as the catalog shows them."""
    body = {"instrument": instrument, "terms_hash": shown(web, instrument)["license"]["terms_hash"]}
    return web.post("measures/licenses/", body | changed)


def load(web, instrument: str = "barc10", **changed: Any) -> Any:
    """Send a wording."""
    return web.post("measures/texts/", {"instrument": instrument, "language": "en", "texts": WORDS, **changed})


def shown(web, instrument: str = "barc10", language: str = "en") -> dict[str, Any]:
    """Return an instrument as the catalog shows it."""
    rows = web.get(f"measures/instruments/?language={language}").json()["results"]
    found: dict[str, Any] = next(each for each in rows if each["code"] == instrument)
    return found


def texts(instrument: dict[str, Any]) -> list[str | None]:
    """Return the wording of its items."""
    return [item["text"] for item in instrument["items"]]


def test_a_text_is_refused_before_the_license_is_accepted(cast, api) -> None:
    web = api(cast.supervisor)

    refused = load(web)

    assert (refused.status_code, refused.json()["code"]) == (422, "license_not_accepted")
    assert not InstrumentText.objects.exists()
    assert texts(shown(web)) == [None] * 10


def test_an_accepted_license_lets_an_organization_load_and_show_its_text(cast, api) -> None:
    web = api(cast.supervisor)

    accepted = accept(web)
    loaded = load(web, stem="  How far do you agree?  ")

    assert (accepted.status_code, loaded.status_code) == (201, 201)
    seen = shown(api(cast.peer))
    assert texts(seen) == list(WORDS.values())
    assert (seen["stem"], seen["text_language"]) == ("How far do you agree?", "en")
    assert seen["license_accepted_at"] == accepted.json()["at"]
    row = InstrumentText.objects.get()
    assert (row.organization_id, row.loaded_by_id, row.version) == (cast.north.id, cast.supervisor.id, "1")
    acceptance = InstrumentLicenseAcceptance.objects.get()
    assert row.acceptance == acceptance
    assert (acceptance.holder, acceptance.accepted_by_id) == (CATALOG["barc10"].license.holder, cast.supervisor.id)
    for action in ("instrument.license_accepted", "instrument.text_loaded"):
        assert AuditEvent.objects.filter(action=action, actor_id=cast.supervisor.id).count() == 1


def test_another_organization_sees_labels_only(cast, api) -> None:
    web = api(cast.supervisor)
    accept(web)
    load(web)

    seen = shown(api(cast.at_south[Role.SUPERVISOR]))

    assert (texts(seen), seen["license_accepted_at"], seen["text_language"]) == ([None] * 10, None, "")
    refused = load(api(cast.at_south[Role.SUPERVISOR]))
    assert refused.json()["code"] == "license_not_accepted"


def test_another_version_of_the_terms_is_another_license(cast, api, monkeypatch) -> None:
    web = api(cast.supervisor)
    InstrumentLicenseAcceptance.objects.create(
        organization=cast.north,
        instrument="barc10",
        holder="somebody",
        terms_hash="0" * 64,
        accepted_by_id=cast.supervisor.id,
    )

    assert load(web).json()["code"] == "license_not_accepted"
    stale = accept(web, terms_hash="0" * 64)
    assert (stale.status_code, stale.json()["code"]) == (409, "terms_changed")
    assert InstrumentLicenseAcceptance.objects.count() == 1


def test_accepting_again_changes_nothing(cast, api) -> None:
    web = api(cast.supervisor)

    assert accept(web).json() == accept(web).json()
    assert InstrumentLicenseAcceptance.objects.count() == 1
    assert AuditEvent.objects.filter(action="instrument.license_accepted").count() == 1


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SUPERVISOR}))
def test_only_a_supervisor_accepts_and_loads(cast, api, role) -> None:
    web = api(cast.at_north[role])

    for refused in (accept(web), load(web)):
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert not InstrumentLicenseAcceptance.objects.exists()
    assert not InstrumentText.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"texts": {**WORDS, "11": "there is none"}}, "texts.11"),
        ({"texts": {code: text for code, text in WORDS.items() if code != "4"}}, "texts.4"),
        ({"texts": {**WORDS, "4": "   "}}, "texts"),
        ({"texts": {}}, "texts"),
        ({"texts": {**WORDS, "4": "x" * 1001}}, "texts"),
        ({"language": "not a language"}, "language"),
        ({"stem": "x" * 1001}, "stem"),
        ({"instrument": "happiness"}, "instrument"),
        ({"more": "fields"}, "more"),
    ],
)
def test_a_text_is_whole_and_bounded(cast, api, changed, field) -> None:
    web = api(cast.supervisor)
    accept(web)

    refused = load(web, **changed)

    assert refused.status_code == 400
    assert [name.split(".")[0] for name in refused.json()["fields"]] == [field.split(".")[0]]
    assert not InstrumentText.objects.exists()


def test_a_later_text_takes_the_place_of_an_earlier_one_which_stays(cast, api) -> None:
    web = api(cast.supervisor)
    accept(web)
    load(web)

    load(web, texts={**WORDS, "1": "better words"})

    assert texts(shown(web))[0] == "better words"
    assert InstrumentText.objects.count() == 2


def test_a_translation_stands_beside_what_ships(cast, api) -> None:
    web = api(cast.supervisor)
    accept(web, "phq2")

    refused = load(web, "phq2", texts={"1": "a", "2": "b"})
    made = load(web, "phq2", language="ES", texts={"1": "poco", "2": "mucho"}, stem="cada")

    assert (refused.status_code, refused.json()["code"]) == (409, "text_ships")
    assert made.json()["language"] == "es"
    spanish = shown(web, "phq2", "es")
    assert (texts(spanish), spanish["stem"], spanish["text_language"]) == (["poco", "mucho"], "cada", "es")
    assert spanish["items"][0]["options"] == []
    assert shown(web, "phq2")["items"][0]["options"][0] == "Not at all"
    french = shown(web, "phq2", "fr")
    assert (french["text_language"], texts(french)[0]) == ("en", "Little interest or pleasure in doing things")


@pytest.mark.parametrize("instrument", sorted(CATALOG))
def test_only_what_is_certain_and_allowed_ships(cast, api, instrument) -> None:
    seen = shown(api(cast.peer), instrument)

    ships = {"phq2", "phq9", "gad7", "audit_c"} | {code for code in CATALOG if code.startswith("ruler_")}
    assert (seen["text_language"] == "en") is (instrument in ships)
    assert (None not in texts(seen)) is (instrument in ships)
    assert seen["license"]["notice"]


@pytest.mark.parametrize("table", ["measures_instrumentlicenseacceptance", "measures_instrumenttext"])
@pytest.mark.parametrize("statement", ["DELETE FROM {0}", "UPDATE {0} SET instrument = 'phq9'", "TRUNCATE {0}"])
def test_the_tables_only_grow(cast, api, table, statement) -> None:
    web = api(cast.supervisor)
    accept(web)
    load(web)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))

    assert InstrumentText.objects.get().acceptance.instrument == "barc10"
