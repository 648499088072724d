"""Series: made eight weeks ahead, changed in three scopes, joined and left, ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from casemgmt.clients.services import record_death
from casemgmt.kernel import clock
from casemgmt.sessions.models import Attendance, Series, SeriesMember, Session
from casemgmt.sessions.services.materializing import materialize
from tests.factories import people
from tests.factories import sessions as make

CHICAGO = ZoneInfo("America/Chicago")
START = datetime(2027, 2, 1, 15, tzinfo=CHICAGO)  # a Monday; the clocks change on March 14


@pytest.fixture
def now(travel):
    """The first of February 2027, a Monday."""
    travel(START)
    return START


def weekly(*clients, **fields):
    known = {
        "rrule": "FREQ=WEEKLY;BYDAY=MO,WE",
        "starts_on": "2027-02-03",
        "local_time": "09:00",
        "minutes": 60,
        "clients": [str(each.id) for each in clients],
    }
    return known | fields


def begin(web, *clients, **fields):
    answer = web.post("series/", weekly(*clients, **fields))
    assert answer.status_code == 201, answer.content
    return answer.json()


def of(series_id, **kept):
    return Session.objects.filter(series_id=series_id, **kept).order_by("series_date")


def dates(rows):
    return [str(each.series_date) for each in rows]


def walls(rows):
    return {each.starts_at.astimezone(CHICAGO).strftime("%H:%M") for each in rows}


def test_eight_weeks_are_there_at_once(cast, api, now) -> None:
    """CHK-02: at the same hour on the wall, also after the clocks change; the client is expected at each."""
    client = people.client(cast.north)

    series = begin(api(cast.peer), client)

    rows = list(of(series["id"]))
    assert (rows[0].series_date, rows[-1].series_date) == (date(2027, 2, 3), date(2027, 3, 29))
    assert {(later.series_date - one.series_date).days for one, later in pairwise(rows)} == {2, 5}
    assert walls(rows) == {"09:00"}
    assert len({each.starts_at.hour for each in rows}) == 2
    assert Attendance.objects.filter(client=client).count() == len(rows) == 16


def test_a_second_round_makes_nothing_and_a_later_one_what_came_in(cast, api, now, travel) -> None:
    """CHK-02."""
    client, leaver = people.client(cast.north), people.client(cast.north, phone=None)
    series = begin(api(cast.peer), client, leaver)
    SeriesMember.objects.filter(client=leaver).update(until_date=date(2027, 3, 20))

    assert (materialize(), of(series["id"]).count()) == (0, 16)
    travel(START + timedelta(days=7))

    assert (materialize(), materialize(), of(series["id"]).count()) == (2, 0, 18)
    last = of(series["id"]).last()
    assert (last.series_date, walls([last])) == (date(2027, 4, 5), {"09:00"})
    assert [each.client_id for each in last.attendances.all()] == [client.id]


def test_a_series_stops_at_its_count_and_at_its_last_day(cast, api, now, travel) -> None:
    web = api(cast.peer)
    counted = begin(web, rrule="FREQ=DAILY;COUNT=3")
    dated = begin(web, ends_on="2027-02-10")

    travel(START + timedelta(days=100))
    materialize()

    assert dates(of(counted["id"])) == ["2027-02-03", "2027-02-04", "2027-02-05"]
    assert dates(of(dated["id"])) == ["2027-02-03", "2027-02-08", "2027-02-10"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"rrule": "FREQ=HOURLY"},
        {"rrule": "FREQ=WEEKLY;UNTIL=20270301"},
        {"ends_on": "2027-02-02"},
        {"starts_on": "2026-12-01"},
        {"starts_on": "2030-01-01"},
        {"minutes": 481},
        {"local_time": "25:00"},
        {"format": "individual"},
    ],
)
def test_what_is_no_series_is_refused(cast, api, now, wrong) -> None:
    refused = api(cast.peer).post("series/", weekly(**wrong))

    assert refused.status_code == 400
    assert not Series.objects.exists()
    assert not Session.objects.exists()


def test_a_series_does_not_meet_what_is_planned(cast, api, now, travel) -> None:
    """PEER-05: at first it is refused, naming the days; later the day is called off and stays to be seen."""
    client, web = people.client(cast.north), api(cast.peer)
    taken = datetime(2027, 2, 10, 9, 30, tzinfo=CHICAGO)
    single = make.session(cast.peer, client, starts_at=taken)
    individual = weekly(client, format="individual")

    refused = web.post("series/", individual)
    assert (refused.status_code, refused.json()["code"], refused.json()["days"]) == (
        409,
        "session_overlap",
        ["2027-02-10"],
    )
    assert Session.objects.get() == single

    series = begin(web, client, format="individual", starts_on="2027-02-15")
    make.session(cast.peer, client, starts_at=datetime(2027, 3, 31, 9, 30, tzinfo=CHICAGO))
    travel(START + timedelta(days=3))
    assert materialize() == 1
    off = of(series["id"]).last()
    assert (off.series_date, off.stage, off.cancelled_by) == (date(2027, 3, 31), "cancelled", "system")
    assert not off.attendances.exists()


def test_this_one_alone(cast, api, now) -> None:
    """F9: it no longer follows the series."""
    web = api(cast.peer)
    series = begin(web)
    second = of(series["id"])[1]
    moved = datetime(2027, 2, 9, 14, tzinfo=CHICAGO).isoformat()

    alone = web.patch(f"sessions/{second.id}/", {"starts_at": moved}, If_Match='"1"')
    web.patch(f"series/{series['id']}/", {"local_time": "10:00"}, If_Match='"1"')

    assert (alone.status_code, alone.json()["detached"], alone.json()["series_date"]) == (200, True, "2027-02-08")
    assert walls(of(series["id"], detached=False)) == {"10:00"}
    assert walls(of(series["id"], detached=True)) == {"14:00"}
    assert of(series["id"]).count() == 16


def test_all_of_it(cast, api, now, travel) -> None:
    """F9: days that stay keep their rows and what was told of them; held, begun and called off ones stay."""
    clients = [people.client(cast.north, phone=None) for _ in range(2)]
    web = api(cast.therapist)
    series = begin(web, *clients)
    first, second, third, fourth = of(series["id"])[:4]
    travel(datetime(2027, 2, 4, 12, tzinfo=CHICAGO))  # the first is over
    web.post(f"sessions/{second.id}/transitions/", {"verb": "cancel", "data": {"cancelled_by": "provider"}})
    part = Attendance.objects.get(session=fourth, client=clients[0])
    web.patch(f"attendances/{part.id}/", {"state": "excused"}, If_Match='"1"')
    changes = {"rrule": "FREQ=WEEKLY;BYDAY=MO,TU", "local_time": "11:30", "minutes": 90}

    stale = web.patch(f"series/{series['id']}/", changes, If_Match='"4"')
    done = web.patch(f"series/{series['id']}/", changes, If_Match='"1"')

    assert (stale.status_code, done.status_code, done.headers["ETag"]) == (412, 200, '"2"')
    rows = list(of(series["id"]))
    assert dates(rows)[:6] == ["2027-02-03", "2027-02-08", "2027-02-09", "2027-02-15", "2027-02-16", "2027-02-22"]
    assert [str(each.stage) for each in rows[:3]] == ["scheduled", "cancelled", "scheduled"]
    assert (walls(rows[:2]), walls(rows[2:])) == ({"09:00"}, {"11:30"})
    fourth.refresh_from_db(fields=["starts_at", "ends_at"])
    part.refresh_from_db()
    assert (part.state, part.starts_at, fourth.ends_at - fourth.starts_at) == (
        "excused",
        fourth.starts_at,
        timedelta(minutes=90),
    )
    third = Session.objects.get(pk=third.pk)
    assert (str(third.stage), third.series_id, third.attendances.filter(state="cancelled").count()) == (
        "cancelled",
        None,
        2,
    )
    assert all(each.attendances.count() == 2 for each in rows)
    again = web.patch(f"series/{series['id']}/", {"rrule": "FREQ=WEEKLY;BYDAY=MO,WE"}, If_Match='"2"')
    assert again.status_code == 200
    assert dates(of(series["id"]))[:4] == ["2027-02-03", "2027-02-08", "2027-02-10", "2027-02-15"]
    assert first.pk == of(series["id"])[0].pk


def test_this_and_what_follows(cast, api, now) -> None:
    """F9: the old one ends the day before; the new one takes over who is expected, and what was changed by itself."""
    client, hidden = people.client(cast.north), people.client(cast.north, phone=None)
    web = api(cast.therapist)
    series = begin(web, client, hidden, rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE")
    kept, lone = of(series["id"])[0], of(series["id"])[3]
    web.patch(f"sessions/{lone.id}/", {"mode": "video"}, If_Match='"1"')
    path, order = f"series/{series['id']}/continuations/", {"from_date": "2027-02-11", "local_time": "16:00"}

    blind = web.post(path, order)
    split = web.post(path, order | {"version": 1})
    stale = web.post(path, order | {"version": 1})

    assert (blind.status_code, split.status_code, stale.status_code) == (428, 201, 409)
    new = split.json()
    assert (new["continues_id"], new["starts_on"], new["version"]) == (series["id"], "2027-02-15", 1)
    assert Series.objects.get(pk=series["id"]).ends_on == date(2027, 2, 10)
    assert [each.pk for each in of(series["id"])] == [kept.pk]
    rows = list(of(new["id"]))
    assert dates(rows)[:4] == ["2027-02-15", "2027-02-17", "2027-03-01", "2027-03-03"]
    assert (walls(each for each in rows if not each.detached), lone.pk in {each.pk for each in rows}) == (
        {"16:00"},
        True,
    )
    assert walls([Session.objects.get(pk=lone.pk)]) == {"09:00"}
    assert {each.attendances.count() for each in rows} == {2}
    members = SeriesMember.objects.order_by("id").values_list("series_id", "from_date", "until_date")
    assert [(str(one), str(two), str(three)) for one, two, three in members] == [
        (series["id"], "2027-02-03", "2027-02-10"),
        (series["id"], "2027-02-03", "2027-02-10"),
        (new["id"], "2027-02-11", "None"),
        (new["id"], "2027-02-11", "None"),
    ]
    again = web.post(path, {"from_date": "2027-02-08", "version": 2, "local_time": "08:00"})
    assert (again.status_code, list(again.json().get("fields", []))) == (400, ["from_date"])
    assert materialize() == 0


def test_an_earlier_day_may_follow_too(cast, api, now) -> None:
    """F9: what was split before stays as it is, and continues the new one."""
    web = api(cast.peer)
    series = begin(web)
    path = f"series/{series['id']}/continuations/"
    late = web.post(path, {"from_date": "2027-03-01", "version": 1, "local_time": "16:00"}).json()

    early = web.post(path, {"from_date": "2027-02-15", "version": 2, "local_time": "12:00"}).json()

    assert (early["continues_id"], early["ends_on"]) == (series["id"], "2027-02-28")
    assert str(Series.objects.get(pk=late["id"]).continues_id) == early["id"]
    assert [walls(of(each["id"])) for each in (series, early, late)] == [{"09:00"}, {"12:00"}, {"16:00"}]
    assert Session.objects.count() == 16


def test_a_series_ends(cast, api, now) -> None:
    client, web = people.client(cast.north), api(cast.peer)
    series = begin(web, client)
    path = f"series/{series['id']}/end/"

    done = web.post(path, {"last_day": "2027-02-08", "version": 1})
    stale = web.post(path, {"last_day": "2027-02-07", "version": 1})
    later = web.post(path, {"last_day": "2027-02-09", "version": 2})

    assert (done.status_code, stale.status_code, later.status_code) == (200, 409, 400)
    assert dates(of(series["id"], stage="scheduled")) == ["2027-02-03", "2027-02-08"]
    assert set(Attendance.objects.filter(session__stage="cancelled").values_list("state", "cancelled_by")) == {
        ("cancelled", "provider")
    }


def test_who_joins_and_leaves(cast, api, now) -> None:
    first, second = people.client(cast.north), people.client(cast.north, phone=None)
    web = api(cast.peer)
    series = begin(web, first)
    members, departures = f"series/{series['id']}/members/", f"series/{series['id']}/departures/"
    joining = {"client": str(second.id), "from_date": "2027-02-10"}

    joined, twice = web.post(members, joining), web.post(members, joining)
    assert (joined.status_code, twice.status_code, twice.json()["code"]) == (201, 409, "already_member")
    theirs = Attendance.objects.filter(client=second)
    assert theirs.count() == 14

    left = web.post(departures, {"client": str(second.id), "last_day": "2027-02-15", "cancelled_by": "client"})
    gone = web.post(departures, {"client": str(second.id), "last_day": "2027-02-15", "cancelled_by": "client"})
    assert (left.status_code, left.json()["until_date"], gone.status_code) == (200, "2027-02-15", 404)
    assert (theirs.filter(state="expected").count(), theirs.filter(cancelled_by="client").count()) == (2, 12)

    assert web.post(members, joining | {"from_date": "2027-02-16"}).status_code == 201
    assert theirs.filter(state="expected").count() == 14
    listed = web.get(members).json()["results"]
    assert [each["client_id"] for each in listed] == [str(first.id), str(second.id), str(second.id)]
    one = begin(web, first, format="individual", local_time="12:00")
    refused = [
        web.post(f"series/{one['id']}/members/", joining),
        web.post(f"series/{one['id']}/departures/", {"client": str(first.id), "cancelled_by": "client"}),
    ]
    assert [each.json()["code"] for each in refused] == ["individual_has_one", "end_the_series"]


def test_the_dead_are_expected_nowhere(cast, api, now, travel) -> None:
    client = people.client(cast.north)
    begin(api(cast.peer), client)
    record_death(client_id=client.id, died_on=None, actor=cast.therapist)

    travel(clock.now() + timedelta(days=7))
    materialize()

    assert not Attendance.objects.filter(client=client, state="expected").exists()


def test_a_peer_changes_its_own_series_only(cast, api, now) -> None:
    series = begin(api(cast.therapist))
    ours = begin(api(cast.peer), local_time="11:00")

    assert api(cast.peer).patch(f"series/{series['id']}/", {"minutes": 30}, If_Match='"1"').status_code == 404
    assert api(cast.case_manager).patch(f"series/{ours['id']}/", {"minutes": 30}, If_Match='"1"').status_code == 200
    assert api(cast.outsider).get(f"series/{ours['id']}/").status_code == 404
