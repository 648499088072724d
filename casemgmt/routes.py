"""Who hears of a fact, and when. The whole wiring between rooms, on one page.

`now`: in the transaction that made the fact; rows only, a handful of queries. If it fails, the fact did not happen.
`soon`: by the relay, after commit, repeated until it works. A topic without a line is a start-up error: `Route()` says
that somebody decided that nobody needs to hear it.
"""

from casemgmt.outbox.routing import Route

SILENT = Route()

ROUTES: dict[str, Route] = {
    "policy.*": SILENT,
    "business_calendar.changed": Route(soon=("referrals.clockwork.follow_calendar",)),
    "client.recorded": SILENT,
    "client.changed": Route(now=("notifications.handlers.follow_zone",)),
    "client.contact_added": Route(
        now=("notifications.handlers.follow_number", "notifications.handlers.follow_sharing")
    ),
    "client.contact_ended": Route(now=("notifications.handlers.follow_number",)),
    "client.died": Route(
        now=(
            "casemgmt.safety.handlers.close_for_death",
            "casemgmt.care_team.handlers.follow_death",
            "casemgmt.chart.handlers.follow_death",
            "casemgmt.measures.handlers.follow_death",
            "referrals.handlers.close_for_death",
            "casemgmt.sessions.handlers.follow_death",  # before enrollments end
            "casemgmt.places.handlers.follow_death",  # before programs: places are locked in their order
            "programs.handlers.follow_death",
            "notifications.handlers.cancel_everything",
            "casemgmt.worklist.handlers.follow_death",  # after them: what no room closed for a reason of its own
            "casemgmt.episodes.handlers.follow_death",  # last: what it asks of other organizations stays on their list
        )
    ),
    # what had stopped starts again only by people (T20)
    "client.death_corrected": Route(now=("casemgmt.episodes.handlers.follow_corrected_death",)),
    "client.restricted": SILENT,
    "client.restriction_lifted": Route(now=("casemgmt.worklist.handlers.follow_lifting",)),
    "break_glass.opened": Route(now=("casemgmt.worklist.handlers.ask_for_review",)),
    "break_glass.ended": SILENT,
    "break_glass.reviewed": Route(now=("casemgmt.worklist.handlers.follow_review",)),
    "break_glass.review_overdue": Route(now=("casemgmt.worklist.handlers.climb",)),
    "care_team.*": SILENT,
    "care_team.disbanded": Route(now=("casemgmt.worklist.handlers.look_for_eyes",)),
    "care_team.member_added": Route(now=("casemgmt.safety.handlers.keep_somebody_else",)),
    "care_team.member_ended": Route(
        now=("casemgmt.safety.handlers.keep_somebody_else", "casemgmt.worklist.handlers.look_for_eyes")
    ),
    "consent.*": SILENT,
    "consent.activated": Route(now=("referrals.handlers.look_again",)),
    "consent.revoked": Route(
        now=(
            "referrals.handlers.stop_relying",
            "casemgmt.disclosures.handlers.follow_end",
            "casemgmt.disclosures.handlers.tell_holders",
        )
    ),
    "consent.narrowed": Route(now=("referrals.handlers.stop_relying", "casemgmt.disclosures.handlers.follow_end")),
    "consent.superseded": Route(now=("casemgmt.disclosures.handlers.follow_end",)),
    "consent.expired": Route(now=("referrals.handlers.stop_relying", "casemgmt.disclosures.handlers.follow_end")),
    "consent.expiring": Route(now=("casemgmt.disclosures.handlers.ask_again",)),
    "consent.disputed": Route(now=("casemgmt.disclosures.handlers.settle_dispute",)),
    "consent.dispute_settled": Route(now=("casemgmt.disclosures.handlers.stop_settling",)),
    "consent.revocation_asked": Route(now=("casemgmt.disclosures.handlers.confirm_revocation",)),
    "consent.revocation_not_meant": Route(now=("casemgmt.disclosures.handlers.stop_confirming",)),
    "restriction_request.*": SILENT,
    "restriction_request.recorded": Route(now=("casemgmt.disclosures.handlers.answer_restriction",)),
    "restriction_request.agreed": Route(now=("casemgmt.disclosures.handlers.restriction_answered",)),
    "restriction_request.declined": Route(now=("casemgmt.disclosures.handlers.restriction_answered",)),
    "accounting_request.*": SILENT,
    "accounting_request.recorded": Route(now=("casemgmt.disclosures.handlers.owe_accounting",)),
    "accounting_request.extended": Route(now=("casemgmt.disclosures.handlers.owe_accounting",)),
    "accounting_request.delivered": Route(now=("casemgmt.disclosures.handlers.accounting_given",)),
    "oral_disclosure.recorded": Route(now=("casemgmt.disclosures.handlers.owe_statement",)),
    "oral_disclosure.stated": Route(now=("casemgmt.disclosures.handlers.statement_given",)),
    "emergency_disclosure.*": SILENT,
    "emergency_disclosure.opened": Route(now=("casemgmt.disclosures.handlers.tell_of_emergency",)),
    "emergency_disclosure.closed": Route(now=("casemgmt.disclosures.handlers.ask_for_judgment",)),
    "emergency_disclosure.reviewed": Route(now=("casemgmt.disclosures.handlers.judged",)),
    "emergency_disclosure.overdue": Route(now=("casemgmt.disclosures.handlers.climb",)),
    "emergency_disclosure.still_overdue": Route(now=("casemgmt.disclosures.handlers.climb_higher",)),
    "measure.*": SILENT,
    "measure.recorded": Route(now=("casemgmt.safety.handlers.hear_measure",)),
    "measure.amended": Route(now=("casemgmt.safety.handlers.hear_measure",)),
    "alert.*": SILENT,
    "on_call.*": SILENT,
    "episode.*": Route(
        now=(
            "casemgmt.care_team.handlers.follow_episode",
            "casemgmt.consent.handlers.end_with_episode",  # before referrals
            "casemgmt.chart.handlers.follow_stage",
            "casemgmt.measures.handlers.follow_stage",
            "casemgmt.guidance.handlers.follow_stage",
            "referrals.handlers.close_with_episode",
            "casemgmt.sessions.handlers.follow_stage",  # before enrollments end
            "casemgmt.places.handlers.follow_stage",  # before programs, as above
            "programs.handlers.follow_stage",
            "casemgmt.sessions.handlers.follow_left_services",
            "notifications.handlers.replan_check_ins",
        )
    ),
    "level_of_care.*": SILENT,
    "continuing_care.*": SILENT,
    "contact_attempt.*": Route(now=("notifications.handlers.hear_contact",)),
    "return_to_use.*": SILENT,
    "checkup.*": SILENT,
    "checkup.held": Route(now=("casemgmt.measures.handlers.follow_check_up",)),
    "iop_review.*": SILENT,
    "guidance.*": SILENT,
    "program.*": SILENT,
    "site.*": SILENT,
    "enrollment.*": SILENT,
    "enrollment.activated": Route(now=("referrals.handlers.close_moot",)),
    "enrollment.held": Route(now=("casemgmt.sessions.handlers.follow_enrollment",)),
    "enrollment.ended": Route(
        now=(
            "casemgmt.consent.handlers.end_with_program",
            "casemgmt.sessions.handlers.follow_enrollment",
            "casemgmt.places.handlers.free_bed",
        )
    ),
    "enrollment.resumed": Route(now=("casemgmt.sessions.handlers.follow_resuming",)),
    "enrollment.planned": Route(now=("casemgmt.places.handlers.follow_plan",)),
    "waitlist.*": SILENT,
    "waitlist_rule.*": SILENT,
    "bed.*": SILENT,
    "session.*": SILENT,
    "session.scheduled": Route(now=("casemgmt.sessions.handlers.require_free",)),
    "session.moved": Route(now=("casemgmt.sessions.handlers.require_free", "notifications.handlers.follow_session")),
    "session.held": Route(now=("casemgmt.sessions.handlers.hear_session",)),
    "session.cancelled": Route(now=("casemgmt.sessions.handlers.hear_session",)),
    "series.*": SILENT,
    "attendance.*": SILENT,
    "attendance.expected": Route(now=("casemgmt.sessions.handlers.require_free",)),
    "attendance.told": Route(
        now=("casemgmt.sessions.handlers.hear_attendance", "notifications.handlers.follow_attendance")
    ),
    "note.*": SILENT,
    "counseling_note.*": SILENT,
    "credential.*": SILENT,
    "referral.*": SILENT,
    "decline_rule.*": SILENT,
    "referral.accepted": Route(now=("casemgmt.episodes.handlers.propose_next_stage",)),
    "check_in_plan.*": SILENT,
    "check_in.*": SILENT,
    "check_in_preference.*": SILENT,
    "texting.*": SILENT,
    "texting.opted_in": Route(now=("notifications.handlers.begin_check_ins",)),
    "text.*": SILENT,
    "text.received": Route(now=("notifications.handlers.hear_text",)),
}
