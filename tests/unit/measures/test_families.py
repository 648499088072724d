"""The outcome families against the rule book's table, and against the instruments they name."""

from __future__ import annotations

from casemgmt.measures.families import AIMS, aims_of
from casemgmt.measures.instruments import CATALOG

# rules.md 4, "Outcome families"; a scale by its name, an item by its number
TABLE = {
    ("peer", "hope"): {"ruler_hope.value", "barc10#2", "barc10#6", "barc10#10"},
    ("peer", "empowerment"): {"barc10.total", "bam_r#9", "ruler_confidence.value", "barc10#8"},
    ("peer", "social"): {"barc10#4", "barc10#5", "bam_r#10", "bam_r#16", "ruler_connection.value"},
    ("shared", "quality_of_life"): {"ruler_life_satisfaction.value", "barc10#2"},
    ("therapy", "symptoms"): {"phq9.total", "gad7.total", "bam_r#3"},
    ("therapy", "functioning"): {"phq9#difficulty", "bam_r#2", "bam_r#13", "ruler_functioning.value"},
    ("recovery", "use_risk_protection"): {"bam_r.use", "bam_r.risk", "bam_r.protective"},
}


def test_the_families_are_those_of_the_rule_book() -> None:
    """MSR-10: both families, what they share, and recovery."""
    found = {
        (aim.family, aim.code): {
            f"{each.instrument.value}{'#' if each.part == 'item' else '.'}{each.code}" for each in aim.measures
        }
        for aim in AIMS
    }

    assert found == TABLE
    assert sum(len(aims_of(family)) for family in ("peer", "therapy", "shared", "recovery")) == len(AIMS)


def test_every_measure_is_something_its_instrument_gives() -> None:
    for aim in AIMS:
        for each in aim.measures:
            instrument = CATALOG[each.instrument]
            if each.part == "item":
                assert each.code in {item.code for item in instrument.items}
            else:
                given = {item.code: item.low for item in instrument.items}
                assert each.code in instrument.score(given).scores
            assert each.name


def test_peer_and_therapy_share_no_number() -> None:
    """MSR-10: different aims, so no measure stands in both and can be set against itself."""
    peer = {(each.instrument, each.part, each.code) for aim in aims_of("peer") for each in aim.measures}
    therapy = {(each.instrument, each.part, each.code) for aim in aims_of("therapy") for each in aim.measures}

    assert peer & therapy == set()
