"""The table of rules.md §8, written down by hand: what the machine must equal, not derived from it (STG-12)."""

from __future__ import annotations

CLINICIAN = {"therapist", "supervisor"}
TEAM = {"case_manager", "therapist", "supervisor"}
CARE = ("iop", "therapy", "peer_support", "sober_living", "aftercare")
OPEN = ("intake", "waitlist", *CARE, "on_hold")

VERB_INTO = {
    "waitlist": "waitlist",
    "iop": "enter_iop",
    "therapy": "enter_therapy",
    "peer_support": "enter_peer_support",
    "sober_living": "enter_sober_living",
    "aftercare": "enter_aftercare",
    "on_hold": "hold",
    "completed": "complete",
    "discharged": "discharge",
    "transferred": "transfer",
    "deceased": "record_death",
    "cancelled": "cancel",
}

# Between stages of care: (from, to) -> rule, who. Up by support rank is T8, down T9, over a clinical rank T10.
STEPS = {
    ("iop", "therapy"): ("T9", CLINICIAN),
    ("iop", "peer_support"): ("T10", CLINICIAN),
    ("iop", "sober_living"): ("T9", CLINICIAN),
    ("iop", "aftercare"): ("T10", CLINICIAN),
    ("therapy", "iop"): ("T8", CLINICIAN),
    ("therapy", "peer_support"): ("T9", CLINICIAN),
    ("therapy", "sober_living"): ("T8", TEAM),
    ("therapy", "aftercare"): ("T9", CLINICIAN),
    ("peer_support", "iop"): ("T8", CLINICIAN),
    ("peer_support", "therapy"): ("T8", CLINICIAN),
    ("peer_support", "sober_living"): ("T8", TEAM),
    ("peer_support", "aftercare"): ("T9", TEAM),
    ("sober_living", "iop"): ("T8", CLINICIAN),
    ("sober_living", "therapy"): ("T9", TEAM),
    ("sober_living", "peer_support"): ("T9", TEAM),
    ("sober_living", "aftercare"): ("T10", CLINICIAN),  # without a therapy enrollment; with one it is T9, TEAM
    ("aftercare", "iop"): ("T8", CLINICIAN),
    ("aftercare", "therapy"): ("T8", CLINICIAN),
    ("aftercare", "peer_support"): ("T8", TEAM),
    ("aftercare", "sober_living"): ("T8", TEAM),
}

ENTRY = {
    "iop": ("T3", CLINICIAN),
    "therapy": ("T3", CLINICIAN),
    "peer_support": ("T4", TEAM),
    "sober_living": ("T5", TEAM),
    "aftercare": ("T6", CLINICIAN),
}

# Up into clinical care a case manager may go ahead of those who decide it, who sign within a day (T8, T13, T19).
AHEAD = {
    ("therapy", "iop"),
    ("peer_support", "iop"),
    ("peer_support", "therapy"),
    ("sober_living", "iop"),
    ("aftercare", "iop"),
    ("aftercare", "therapy"),
}

# T15: reason -> who decides it, who may start it ahead, who signs that afterwards.
DISCHARGES: dict[str, tuple[set[str], set[str], set[str]]] = {
    "dropped_out": (CLINICIAN, {"case_manager"}, {"supervisor"}),
    "terminated_by_facility": ({"supervisor"}, set(), set()),
    "incarcerated": (CLINICIAN, set(), set()),
    "other": (CLINICIAN, set(), set()),
}

# What each transition asks for, guard by guard, beyond who and what is told.
ENTERING = {
    "iop": {"G1", "G2", "G3", "G4", "G5", "G6"},
    "therapy": {"G1", "G2", "G3", "G4", "G5", "G6"},
    "peer_support": {"G1", "G2", "G3", "G4", "G6", "G7"},
    "sober_living": {"G1", "G2", "G3", "G4", "G6", "G8"},
    "aftercare": {"G1", "G2", "G3", "G4", "G6", "G9"},
}

GIVEN = {
    "start_date": "2026-01-05",
    "level_of_care": "00000000-0000-7000-8000-000000000004",
    "peer": "00000000-0000-7000-8000-000000000001",
    "goals": "Walk every day.",
    "residence": "00000000-0000-7000-8000-000000000002",
    "move_in": "2026-01-05",
    "prior_treatment_end": "2026-01-04",
    "trigger": "request",
    "return_to_use": "00000000-0000-7000-8000-000000000005",
    "progress_summary": "Goals met.",
    "skip_reason": "Steady for months, with support at home.",
    "client_view": "Wants it.",
    "resume_date": "2026-01-05",
    "wait_reason": "No place.",
    "target_service": "iop",
    "priority": "routine",
    "cancel_reason": "withdrew",
    "hold_reason": "hospital",
    "review_date": "2026-01-20",
    "summary": "Done.",
    "last_contact": "2026-01-05",
    "discharge_reason": "other",
    "causes": ["violence_or_threat"],
    "reentry_information_given": True,
    "receiving_organization": "00000000-0000-7000-8000-000000000003",
    "handover_date": "2026-01-05",
    "handover_confirmed_by": "South",
    "death_source": "family",
}


def expected(origin: str, target: str, *, held: str, therapy_beside: bool = False) -> tuple[str, set[str]] | None:
    """Return (rule, roles) of the table for a pair, None where the table has no such transition."""
    if origin not in OPEN or origin == target or target == "intake":
        return None
    if target in ("deceased", "transferred"):
        return {"deceased": ("T17", CLINICIAN), "transferred": ("T16", TEAM)}[target]
    if origin in ("intake", "waitlist"):
        return {"waitlist": ("T2", TEAM), "cancelled": ("T7", TEAM), **ENTRY}.get(target)
    if target in ("waitlist", "cancelled") or (origin, target) == ("on_hold", "on_hold"):
        return None
    lead = held if origin == "on_hold" else origin
    ends = {
        "on_hold": ("T11", TEAM),
        "completed": ("T14", CLINICIAN if lead in ("iop", "therapy") else TEAM),
        "discharged": ("T15", CLINICIAN),
    }
    return ends.get(target) or _between(origin, lead, target, therapy_beside=therapy_beside)


def _between(origin: str, lead: str, target: str, *, therapy_beside: bool) -> tuple[str, set[str]]:
    if lead == target:
        return "T12", TEAM
    rule, who = STEPS[lead, target]
    if (lead, target) == ("sober_living", "aftercare") and therapy_beside:
        rule, who = "T9", TEAM
    return ("T13" if origin == "on_hold" else rule), who
