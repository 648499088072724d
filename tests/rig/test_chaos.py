"""The drill in small: real processes are killed while they text, and nothing is lost, doubled or sent after STOP."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casemgmt.devtools.chaos.dose import Dose, Incident, dose_for
from casemgmt.devtools.chaos.drill import Drill
from casemgmt.devtools.chaos.judge import Text, Told, Verdict, judge, read
from casemgmt.devtools.chaos.rig import Rig
from casemgmt.management.commands.chaos import holds
from tests import templates

DUE = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
NOTHING = dict.fromkeys(("lost", "duplicates", "after_opt_out", "nonterminal", "ghost", "early"), 0)
SMALL = Dose(size=150, seed=7, kills=3, databases=1, brokers=1, carriers=1, stops=6)


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_a_small_storm_loses_doubles_and_oversteps_nothing() -> None:
    """R1 and R3 in small; `make chaos` is the whole."""
    said: list[str] = []
    before = signal.getsignal(signal.SIGTERM)
    with (
        templates.kept(anew=False) as template,
        Rig(seed=SMALL.seed, size=SMALL.size, like=(template, "test_casemgmt"), tell=said.append) as rig,
    ):
        line = Drill(rig, SMALL, said.append).run()

    print(json.dumps(line), *said, sep="\n")
    assert {name: line[name] for name in NOTHING} == NOTHING
    assert holds(line, evidence=True, blackhole=0)
    assert line["accepted"] >= SMALL.size - SMALL.stops
    assert (line["kills"], line["databases"], line["stops"], line["opted_out"]) == (3, 1, 6, 6)
    assert signal.getsignal(signal.SIGTERM) == before


def text(number: int, **fields: Any) -> Text:
    """Return a check-in's text that came in time."""
    known = {"to": f"+1316{number}", "body_sha256": "question", "sid": f"SM{number}", "attempt": ""}
    return Text(**{**known, "began": DUE, "accepted": DUE + timedelta(seconds=1), **fields})


def told(*numbers: int, **fields: Any) -> Told:
    """Return a database that agrees with the texts to these numbers."""
    known = {
        "check_ins": [(f"+1316{number}", False, DUE, "asked", "delivered", "", f"SM{number}") for number in numbers],
        "opt_outs": {},
        "messages": [("delivered", f"SM{number}", "") for number in numbers],
        "still_open": 0,
    }
    return Told(**{**known, **fields})


def weigh(told: Told, *texts: Text, said_stop: tuple[str, ...] = ()) -> Verdict:
    return judge(told, texts, offset=timedelta(), said_stop=said_stop)


def test_the_judge_finds_nothing_where_both_sides_agree() -> None:
    verdict = weigh(told(1, 2), text(1), text(2))

    assert verdict.holds(evidence=True)
    assert (verdict.accepted, verdict.p50, verdict.latest) == (2, 1.0, 1.0)


WRONG = {
    "lost": (told(1, 2, messages=[("delivered", "SM1", "")]), [text(1)], ()),
    "duplicates": (told(1, messages=[("sent", "SM1", ""), ("sent", "SM9", "")]), [text(1), text(1, sid="SM9")], ()),
    "after_opt_out": (told(1, opt_outs={"+13161": DUE - timedelta(seconds=1)}), [text(1)], ()),
    "nonterminal": (told(1, still_open=1), [text(1)], ()),
    "ghost": (told(1, messages=[("cancelled", None, "sms_opted_out")]), [text(1)], ()),
    "early": (told(1), [text(1, accepted=DUE - timedelta(seconds=1))], ()),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_judge_names_what_went_wrong(name) -> None:
    database, texts, said_stop = WRONG[name]

    verdict = weigh(database, *texts, said_stop=said_stop)

    assert getattr(verdict, name) == 1
    assert not verdict.holds(evidence=True)


def test_a_stop_that_nobody_heard_is_lost() -> None:
    verdict = weigh(told(1), text(1), said_stop=("+13161",))

    assert verdict.lost == 1


def test_what_was_marked_as_sent_and_never_came_is_a_ghost() -> None:
    verdict = weigh(told(1, 2), text(1))

    assert (verdict.lost, verdict.ghost) == (1, 1)


def test_the_one_confirmation_after_stop_is_no_breach() -> None:
    """SMS-24."""
    stopped = {"+13161": DUE + timedelta(seconds=5)}
    confirms = text(1, sid="SM8", body_sha256="confirmed", began=DUE + timedelta(seconds=6))
    messages = [("sent", f"SM{number}", "") for number in (1, 2, 8)]

    verdict = weigh(told(1, 2, opt_outs=stopped, messages=messages), text(1), text(2), confirms)

    assert verdict.holds(evidence=True)


def test_without_evidence_only_what_is_marked_as_in_doubt_may_be_missing() -> None:
    """R2."""
    doubt = [("delivered", "SM1", ""), ("failed", None, "unconfirmed")]
    honest = weigh(told(1, 2, messages=doubt), text(1))
    silent = weigh(told(1, 2, messages=doubt[:1]), text(1))

    assert (honest.holds(evidence=False), honest.holds(evidence=True)) == (True, False)
    assert not silent.holds(evidence=False)


def test_the_order_of_a_run_follows_from_its_seed() -> None:
    dose = dose_for(10_000, seed=3)

    assert dose.incidents() == dose_for(10_000, seed=3).incidents() != dose_for(10_000, seed=4).incidents()
    assert list(dose.stopping()) == list(replace(dose).stopping())
    happens = dose.incidents()
    assert [happens.count(each) for each in Incident] == [50, 5, 5, 5, 3, 300]
    assert len({place for place, _ in dose.stopping()}) == 300


def test_a_line_can_be_read_by_machines() -> None:
    verdict = weigh(told(1), text(1))

    assert json.loads(json.dumps(verdict.ends)) == {"asked/delivered": 1}


def test_the_carrier_s_log_is_read_up_to_its_last_whole_line(tmp_path) -> None:
    line = {
        "kind": "accepted",
        "t_request": DUE.isoformat(),
        "t_accept": DUE.isoformat(),
        "to": "+13161",
        "body_sha256": "question",
        "callback": "https://example.org/webhooks/sms/status/abc/",
        "sid": "SM1",
    }
    log = tmp_path / "carrier.jsonl"
    log.write_text(json.dumps(line) + "\n" + json.dumps({"kind": "webhook"}) + "\n" + '{"kind": "acc')

    (found,) = read(log)

    assert (found.sid, found.attempt, found.to) == ("SM1", "abc", "+13161")
