"""Quiet hours: the vectors of SMS 2.3, the state table, zones, and the next opening."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers.geodata import GEOCODE_DATA

from casemgmt.clients.states import US_STATES
from notifications.jurisdictions import (
    AREA_CODE_STATES,
    FEDERAL,
    JURISDICTION_WINDOWS,
    STATE_ZONES,
    JurisdictionWindow,
    Span,
    Week,
)
from notifications.quiet_hours import (
    Closed,
    Open,
    Unknown,
    area_code_of,
    evaluate,
    state_of_area_code,
    states_for,
    zones_for,
)

EASTERN, CENTRAL, PACIFIC = "America/New_York", "America/Chicago", "America/Los_Angeles"
WIDE = Week.daily("00:00-24:00")  # leaves the law alone to decide
# A Monday to a Sunday in summer, without a holiday.
DAYS = {name: date(2027, 6, 7 + place) for place, name in enumerate("Mon Tue Wed Thu Fri Sat Sun".split())}  # noqa: SIM905


def local(day: date, clock: str, zone: str = EASTERN) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def ask(at: datetime, state: str | None = None, *, zone: str = EASTERN, own: Week = WIDE) -> Open | Closed | Unknown:
    states = frozenset({state} if state else ())
    return evaluate(at, zones=frozenset({zone}), states=states, organization_window=own)


# --- windows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("08:59:59", False), ("09:00:00", True), ("19:59:59", True), ("20:00:00", False), ("23:30:00", False)],
)
def test_the_default_window_is_half_open(clock: str, is_open: bool) -> None:
    answer = evaluate(local(DAYS["Tue"], clock), zones=frozenset({EASTERN}), states=frozenset())

    assert (answer == Open()) is is_open


@pytest.mark.parametrize(("clock", "is_open"), [("19:59:59", True), ("20:00:00", False), ("08:00:00", True)])
def test_florida_closes_at_eight(clock: str, is_open: bool) -> None:
    assert (ask(local(DAYS["Wed"], clock), "FL") == Open()) is is_open


@pytest.mark.parametrize(
    ("state", "day", "opens", "closes"),
    [
        (None, "Sun", "08:00", "21:00"),
        ("NY", "Mon", "08:00", "21:00"),  # not listed: federal
        ("FL", "Sun", "08:00", "20:00"),
        ("OK", "Mon", "08:00", "20:00"),
        ("MD", "Mon", "08:00", "20:00"),
        ("MA", "Sat", "08:00", "20:00"),
        ("NJ", "Sun", "08:00", "20:00"),
        ("AL", "Sat", "08:00", "20:00"),
        ("LA", "Mon", "08:00", "20:00"),
        ("MS", "Fri", "08:00", "20:00"),
        ("CT", "Mon", "09:00", "20:00"),
        ("NV", "Sun", "09:00", "20:00"),
        ("MI", "Sun", "09:00", "21:00"),
        ("MN", "Mon", "09:00", "21:00"),
        ("NM", "Sat", "09:00", "21:00"),
        ("CA", "Mon", "09:00", "21:00"),
        ("IL", "Sun", "09:00", "21:00"),
        ("KY", "Mon", "10:00", "21:00"),
        ("TX", "Sat", "09:00", "21:00"),
        ("TX", "Sun", "12:00", "21:00"),
        ("RI", "Fri", "09:00", "18:00"),
        ("RI", "Sat", "10:00", "17:00"),
        ("PA", "Fri", "08:00", "21:00"),
        ("PA", "Sat", "08:00", "12:00"),
        ("WA", "Sun", "08:00", "20:00"),
    ],
)
def test_the_state_table(state: str | None, day: str, opens: str, closes: str) -> None:
    first, end = local(DAYS[day], opens), local(DAYS[day], closes)

    assert ask(first, state) == Open()
    assert ask(end - timedelta(seconds=1), state) == Open()
    assert ask(first - timedelta(seconds=1), state) == Closed(first)
    assert isinstance(ask(end, state), Closed)


def test_texas_on_a_sunday_morning_is_closed_until_noon() -> None:
    at = local(DAYS["Sun"], "11:59:59", CENTRAL)

    assert ask(at, "TX", zone=CENTRAL) == Closed(local(DAYS["Sun"], "12:00", CENTRAL))


@pytest.mark.parametrize("state", ["AL", "LA", "MS"])
def test_three_states_keep_sunday_free(state: str) -> None:
    answer = ask(local(DAYS["Sun"], "12:00", CENTRAL), state, zone=CENTRAL, own=Week.daily("09:00-20:00"))

    assert answer == Closed(local(DAYS["Sun"] + timedelta(days=1), "09:00", CENTRAL))


def test_two_states_are_intersected() -> None:
    at = local(DAYS["Mon"], "09:30")

    both = evaluate(at, zones=frozenset({EASTERN}), states=frozenset({"KY", "FL"}), organization_window=WIDE)

    assert both == Closed(local(DAYS["Mon"], "10:00"))


def test_the_clients_window_narrows_and_never_widens() -> None:
    zones, evenings = frozenset({EASTERN}), Week.daily("17:00-23:00")

    def at(clock: str) -> Open | Closed | Unknown:
        return evaluate(local(DAYS["Mon"], clock), zones=zones, states=frozenset(), client_window=evenings)

    assert at("16:59") == Closed(local(DAYS["Mon"], "17:00"))
    assert at("19:59") == Open()
    assert at("21:00") == Closed(local(DAYS["Tue"], "17:00"))


def test_windows_that_never_meet_have_no_opening() -> None:
    answer = evaluate(
        local(DAYS["Mon"], "10:00"),
        zones=frozenset({EASTERN}),
        states=frozenset(),
        organization_window=Week.daily("09:00-12:00"),
        client_window=Week.daily("13:00-15:00"),
    )

    assert answer == Closed(None)


def test_a_row_counts_only_while_it_is_in_force() -> None:
    late = Week.daily("15:00-16:00")
    table = (*JURISDICTION_WINDOWS, JurisdictionWindow("NY", late, DAYS["Tue"], DAYS["Thu"]))

    def at(day: str, clock: str) -> Open | Closed | Unknown:
        return evaluate(local(DAYS[day], clock), zones=frozenset({EASTERN}), states=frozenset({"NY"}), table=table)

    assert at("Mon", "10:00") == Open()
    assert at("Mon", "22:00") == Closed(local(DAYS["Tue"], "15:00"))
    assert at("Wed", "16:00") == Closed(local(DAYS["Thu"], "09:00"))


@pytest.mark.parametrize("text", ["20:00-09:00", "09:00-09:00", "9-20", "09:00", "09:60-10:00", "09:00-24:01", ""])
def test_a_span_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"span|time"):
        Span.parse(text)


# --- zones ----------------------------------------------------------------------------------------------------------


def test_the_recorded_zone_comes_before_the_state_and_the_state_before_the_area_code() -> None:
    def zones(recorded: str | None, state: str | None, code: str | None) -> frozenset[str]:
        return zones_for(recorded_zone=recorded, residence_state=state, area_code=code)

    assert zones("America/Boise", "TX", "212") == {"America/Boise"}
    assert zones(None, "TX", "212") == {CENTRAL, "America/Denver"}
    assert zones(None, None, "212") == {EASTERN}
    assert zones(None, None, "850") == {EASTERN, CENTRAL}
    assert zones(None, "ZZ", "907") >= {"America/Anchorage", "America/Adak"}


@pytest.mark.parametrize(
    ("recorded", "state", "code"),
    [(None, None, None), (None, None, "800"), (None, None, "555"), (None, "", ""), ("Mars/Olympus", "NY", "212")],
)
def test_an_unknown_place_has_no_zone(recorded: str | None, state: str | None, code: str | None) -> None:
    zones = zones_for(recorded_zone=recorded, residence_state=state, area_code=code)

    assert zones == frozenset()
    assert evaluate(local(DAYS["Mon"], "12:00"), zones=zones, states=frozenset()) == Unknown()


@pytest.mark.parametrize("zone", ["", "America", "../etc/passwd", "no/such"])
def test_a_zone_that_does_not_exist_is_unknown(zone: str) -> None:
    assert evaluate(local(DAYS["Mon"], "12:00"), zones=frozenset({EASTERN, zone}), states=frozenset()) == Unknown()


def test_several_zones_must_all_be_open() -> None:
    both = frozenset({EASTERN, CENTRAL})

    evening = evaluate(local(DAYS["Mon"], "20:30"), zones=both, states=frozenset())
    morning = evaluate(local(DAYS["Mon"], "09:30"), zones=both, states=frozenset())

    assert evening == Closed(local(DAYS["Tue"], "09:00", CENTRAL))  # 19:30 in Chicago, 20:30 in New York
    assert morning == Closed(local(DAYS["Mon"], "09:00", CENTRAL))


def test_zones_half_a_day_apart_share_no_window() -> None:
    zones = frozenset({"Asia/Manila", "America/Puerto_Rico"})

    assert evaluate(local(DAYS["Mon"], "12:00"), zones=zones, states=frozenset()) == Closed(None)


def test_every_state_has_zones_and_every_zone_exists() -> None:
    assert STATE_ZONES.keys() == set(US_STATES)
    assert all(ZoneInfo(zone) for zones in STATE_ZONES.values() for zone in zones)
    assert {row.jurisdiction for row in JURISDICTION_WINDOWS} - {FEDERAL} <= set(US_STATES)


def test_the_area_codes_agree_with_the_numbering_plan() -> None:
    names = {
        "DC": "Washington D.C.",
        "NY": "New York",
        "FL": "Florida",
        "CA": "California",
        "TX": "Texas",
        "OH": "Ohio",
    }
    for code, state in AREA_CODE_STATES.items():
        described = GEOCODE_DATA.get(f"1{code}", {}).get("en", "")
        assert described in ("", names.get(state, described)) or described.endswith(f", {state}"), code
        assert zones_for(recorded_zone=None, residence_state=None, area_code=code), code
        territory = phonenumbers.region_code_for_number(phonenumbers.parse(f"+1{code}5550100"))
        assert territory == (state if state in {"PR", "GU", "VI", "AS", "MP"} else "US"), code
    assert set(AREA_CODE_STATES.values()) == set(US_STATES)


def test_reading_a_number() -> None:
    assert area_code_of("+12125550123") == "212"
    assert area_code_of("+442079460000") is None
    assert state_of_area_code("212") == "NY"
    assert state_of_area_code("800") is None
    assert states_for(residence_state="TX", area_code_state="NY") == {"TX", "NY"}
    assert states_for(residence_state=None, area_code_state=None) == frozenset()


# --- the clocks change ----------------------------------------------------------------------------------------------


def test_nine_in_the_morning_around_the_spring_change() -> None:
    def opening(at: datetime) -> datetime | None:
        answer = evaluate(at, zones=frozenset({EASTERN}), states=frozenset())
        assert isinstance(answer, Closed)
        return answer.next_open

    assert opening(datetime(2027, 3, 13, 6, tzinfo=UTC)) == datetime(2027, 3, 13, 14, tzinfo=UTC)
    assert opening(datetime(2027, 3, 14, 6, tzinfo=UTC)) == datetime(2027, 3, 14, 13, tzinfo=UTC)
    assert opening(datetime(2027, 11, 7, 4, 30, tzinfo=UTC)) == datetime(2027, 11, 7, 14, tzinfo=UTC)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        evaluate(datetime(2027, 1, 1), zones=frozenset({EASTERN}), states=frozenset())  # noqa: DTZ001


@settings(max_examples=300, deadline=None)
@given(
    at=st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC)),  # noqa: DTZ001
    zones=st.frozensets(st.sampled_from(sorted(set().union(*STATE_ZONES.values()))), min_size=1, max_size=3),
    states=st.frozensets(st.sampled_from(US_STATES), max_size=2),
)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    at: datetime, zones: frozenset[str], states: frozenset[str]
) -> None:
    answer = evaluate(at, zones=zones, states=states)
    if not isinstance(answer, Closed) or answer.next_open is None:
        return

    assert at < answer.next_open <= at + timedelta(days=8)
    assert evaluate(answer.next_open, zones=zones, states=states) == Open()
    before = at
    while before < answer.next_open:
        assert evaluate(before, zones=zones, states=states) == answer
        before += timedelta(minutes=47)
    assert evaluate(answer.next_open - timedelta(seconds=1), zones=zones, states=states) == answer
