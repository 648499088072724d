"""Every number an organization may set, with its default, its bounds and where it comes from. Pure.

A number that a law or a payer sets may be tightened, not loosened: its bound stands at the default on that side and
`law` says so. To let organizations set one more number, add it to `Policy` and to `NUMBERS`; nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of one organization; the defaults are those of the rule book. Names end in their unit."""

    safety_screen_valid_days: int = 7  # G4
    loc_valid_days: int = 14  # G5, CLN-04
    loc_nonclinical_valid_days: int = 30  # CLN-04
    measures_valid_days: int = 14  # T9
    phq9_peer_alone_below_points: int = 20  # G7, DG-02
    gad7_peer_alone_below_points: int = 15  # G7, DG-02
    phq9_house_alone_below_points: int = 15  # G8
    phq9_therapy_from_points: int = 10  # DG-04
    gad7_therapy_from_points: int = 10  # DG-04
    first_checkup_within_days: int = 90  # G9, CLN-20
    checkup_every_days: int = 90  # CLN-20
    checkup_span_days: int = 720  # CLN-20
    checkup_window_days: int = 14  # CLN-20: on either side
    skip_reason_characters: int = 20  # G10
    dropout_attempts_count: int = 3  # G12
    dropout_channels_count: int = 2  # G12
    dropout_span_days: int = 14  # G12
    cosign_hours: int = 24  # T8
    proposal_hours: int = 24  # T8
    hold_review_days: int = 30  # T11
    hold_first_look_days: int = 14  # T11
    intake_days: int = 7  # T1
    waitlist_contact_days: int = 7  # T2
    waitlist_rescreen_days: int = 14  # T2
    waitlist_confirm_days: int = 14  # §9
    waitlist_offer_hours: int = 48  # F5
    waitlist_kept_declines_count: int = 20  # F5: offers one may turn down without going to the end; 0: none
    waitlist_cool_off_days: int = 0  # F5: between leaving a program's line and joining it again
    skip_follow_up_days: int = 14  # T10
    transfer_confirm_days: int = 7  # T16
    outreach_after_days: int = 30  # T15
    reentry_reuse_days: int = 30  # T18
    return_to_use_review_hours: int = 24  # CLN-30
    iop_hours_per_week: int = 9  # CLN-02
    iop_adolescent_hours_per_week: int = 6  # CLN-02, table 3.1: under 18
    iop_review_days: int = 14  # CLN-02
    iop_recertify_days: int = 60  # CLN-02
    relink_within_days: int = 7  # CLN-22
    measures_iop_days: int = 14  # MSR-09
    measures_therapy_days: int = 30  # MSR-09
    barc10_days: int = 90  # MSR-09
    measures_at_stage_change_days: int = 14  # MSR-09
    alert_acknowledge_minutes: int = 5  # SMS-62
    alert_contact_minutes: int = 15  # SMS-62, PEER-03
    alert_high_hours: int = 8  # MSR-05, MSR-06: the same day
    alert_moderate_hours: int = 24  # MSR-06
    alert_follow_up_hours: int = 24  # SMS-65
    alert_attempts_count: int = 3  # SMS-65
    alert_attempts_hours: int = 24  # SMS-65
    guidance_stale_days: int = 30  # rules.md §5
    guidance_try_both_days: int = 30  # DG-13
    reopen_work_hours: int = 24  # features F12: how long finished work may be taken back
    break_glass_minutes: int = 60  # HIP-10
    break_glass_review_hours: int = 72  # HIP-10
    referral_acknowledge_days: int = 1  # §9; all days of referrals are business days of the receiver's calendar
    referral_acknowledge_urgent_hours: int = 4  # §9: open hours of the receiver
    referral_decide_days: int = 3  # §9
    referral_decide_urgent_days: int = 1  # §9
    referral_expire_days: int = 10  # §9
    referral_visit_days: int = 5  # §9: a week
    referral_visit_urgent_days: int = 1  # §9
    referral_close_days: int = 21  # §9: thirty days
    referral_at_once_count: int = 3  # REF-05
    referral_draft_days: int = 14  # §9: calendar days from here on
    referral_consent_days: int = 7  # §9
    referral_reconfirm_days: int = 14  # §9
    referral_update_days: int = 30  # §9
    referral_link_hours: int = 72  # F3: until when a link for a provider without an account may be opened
    listing_warn_days: int = 90  # rules.md §7: assured_date
    listing_hide_days: int = 180  # rules.md §7
    capacity_confirm_days: int = 14  # features F5
    unsigned_note_hours: int = 24  # features F9: when the author is asked to sign a draft
    note_cosign_hours: int = 72  # features F9
    session_unit_rest_minutes: int = 15  # PEER-05: what is left of a session counts from here on; 8: the 8-minute rule
    peer_credentials_needed_count: int = 0  # PEER-04: 1: a peer without a recorded credential holds no sessions
    credential_warning_days: int = 30  # PEER-04
    consent_warning_days: int = 14  # P2-18: before a consent ends
    revocation_confirm_hours: int = 8  # P2-19a: the same day
    restriction_answer_days: int = 30  # P2-50
    accounting_answer_days: int = 60  # P2-57
    accounting_extension_days: int = 30  # P2-57
    emergency_facts_minutes: int = 60  # P2-61
    emergency_review_hours: int = 72  # P2-61, as HIP-10
    statement_owed_hours: int = 24  # P2-32
    checkin_iop_count: int = 3  # STG-13: check-ins a week by lead stage; 0: none
    checkin_sober_living_count: int = 2  # STG-13
    checkin_therapy_count: int = 1  # STG-13
    checkin_peer_first_count: int = 2  # STG-13: a week, at first
    checkin_peer_first_days: int = 30  # STG-13
    checkin_peer_later_count: int = 1  # STG-13
    checkin_aftercare_count: int = 1  # STG-13: a week, at first; then every second week, then monthly; 0: none
    checkin_aftercare_first_days: int = 56  # STG-13
    checkin_aftercare_second_days: int = 365  # STG-13
    checkin_waitlist_count: int = 1  # STG-13
    checkin_at_minutes: int = 720  # STG-13: the client's local time, in minutes after midnight
    appointment_reminder_hours: int = 24  # §9: before a session; 0: no reminders


@dataclass(frozen=True, slots=True)
class Number:
    """One number: its bounds (both included), the rule it belongs to, and whether a law or a payer set the bound."""

    name: str
    low: int
    high: int
    rule: str
    law: bool = False

    @property
    def default(self) -> int:
        """What holds until the organization says otherwise."""
        return int(getattr(Policy(), self.name))

    @property
    def unit(self) -> str:
        """The last word of the name: days, hours, minutes, points, count, characters."""
        return "hours" if self.name.endswith("_hours_per_week") else self.name.rsplit("_", 1)[1]


NUMBERS: dict[str, Number] = {
    each.name: each
    for each in (
        Number("safety_screen_valid_days", 1, 14, "G4"),
        Number("loc_valid_days", 1, 30, "G5"),
        Number("loc_nonclinical_valid_days", 1, 60, "CLN-04"),
        Number("measures_valid_days", 1, 31, "T9"),
        Number("phq9_peer_alone_below_points", 10, 27, "G7"),
        Number("gad7_peer_alone_below_points", 10, 21, "G7"),
        Number("phq9_house_alone_below_points", 10, 27, "G8"),
        Number("phq9_therapy_from_points", 5, 20, "DG-04"),
        Number("gad7_therapy_from_points", 5, 15, "DG-04"),
        Number("first_checkup_within_days", 14, 90, "G9"),
        Number("checkup_every_days", 30, 90, "CLN-20"),
        Number("checkup_span_days", 360, 1080, "CLN-20"),
        Number("checkup_window_days", 1, 14, "CLN-20"),
        Number("skip_reason_characters", 20, 500, "G10"),
        Number("dropout_attempts_count", 3, 10, "G12"),
        Number("dropout_channels_count", 2, 4, "G12"),
        Number("dropout_span_days", 14, 60, "G12"),
        Number("cosign_hours", 1, 24, "T8"),
        Number("proposal_hours", 1, 72, "T8"),
        Number("hold_review_days", 7, 30, "T11"),
        Number("hold_first_look_days", 1, 14, "T11"),
        Number("intake_days", 1, 30, "T1"),
        Number("waitlist_contact_days", 1, 14, "T2"),
        Number("waitlist_rescreen_days", 1, 14, "T2"),
        Number("waitlist_confirm_days", 1, 30, "F5"),
        Number("waitlist_offer_hours", 1, 168, "F5"),
        Number("waitlist_kept_declines_count", 0, 20, "F5"),
        Number("waitlist_cool_off_days", 0, 30, "F5"),
        Number("skip_follow_up_days", 1, 14, "T10"),
        Number("transfer_confirm_days", 1, 14, "T16"),
        Number("outreach_after_days", 7, 60, "T15"),
        Number("reentry_reuse_days", 0, 30, "T18"),
        Number("return_to_use_review_hours", 1, 24, "CLN-30"),
        Number("iop_hours_per_week", 9, 19, "CLN-02", law=True),
        Number("iop_adolescent_hours_per_week", 6, 19, "CLN-02", law=True),
        Number("iop_review_days", 7, 14, "CLN-02"),
        Number("iop_recertify_days", 14, 60, "CLN-02", law=True),
        Number("relink_within_days", 1, 7, "CLN-22"),
        Number("measures_iop_days", 7, 28, "MSR-09"),
        Number("measures_therapy_days", 14, 60, "MSR-09"),
        Number("barc10_days", 30, 120, "MSR-09"),
        Number("measures_at_stage_change_days", 1, 31, "MSR-09"),
        Number("alert_acknowledge_minutes", 1, 5, "SMS-62"),
        Number("alert_contact_minutes", 5, 15, "SMS-62"),
        Number("alert_high_hours", 1, 12, "MSR-06"),
        Number("alert_moderate_hours", 1, 24, "MSR-06"),
        Number("alert_follow_up_hours", 1, 24, "SMS-65"),
        Number("alert_attempts_count", 3, 10, "SMS-65"),
        Number("alert_attempts_hours", 24, 72, "SMS-65"),
        Number("guidance_stale_days", 7, 60, "DG-20"),
        Number("guidance_try_both_days", 7, 60, "DG-13"),
        Number("reopen_work_hours", 1, 72, "F12"),
        Number("break_glass_minutes", 5, 60, "HIP-10"),
        Number("break_glass_review_hours", 1, 72, "HIP-10"),
        Number("referral_acknowledge_days", 1, 5, "§9"),
        Number("referral_acknowledge_urgent_hours", 1, 8, "§9"),
        Number("referral_decide_days", 1, 10, "§9"),
        Number("referral_decide_urgent_days", 1, 3, "§9"),
        Number("referral_expire_days", 3, 30, "§9"),
        Number("referral_visit_days", 1, 20, "§9"),
        Number("referral_visit_urgent_days", 1, 3, "§9"),
        Number("referral_close_days", 5, 60, "§9"),
        Number("referral_at_once_count", 1, 10, "REF-05"),
        Number("referral_draft_days", 1, 30, "§9"),
        Number("referral_consent_days", 1, 30, "§9"),
        Number("referral_reconfirm_days", 1, 30, "§9"),
        Number("referral_update_days", 7, 60, "§9"),
        Number("referral_link_hours", 1, 336, "F3"),
        Number("listing_warn_days", 30, 90, "§7"),
        Number("listing_hide_days", 91, 365, "§7"),
        Number("capacity_confirm_days", 1, 60, "F5"),
        Number("unsigned_note_hours", 1, 72, "F9"),
        Number("note_cosign_hours", 1, 168, "F9"),
        Number("session_unit_rest_minutes", 8, 15, "PEER-05"),
        Number("peer_credentials_needed_count", 0, 1, "PEER-04"),
        Number("credential_warning_days", 7, 90, "PEER-04"),
        Number("consent_warning_days", 1, 60, "P2-18"),
        Number("revocation_confirm_hours", 1, 24, "P2-19a"),
        Number("restriction_answer_days", 1, 60, "P2-50"),
        Number("accounting_answer_days", 7, 60, "P2-57", law=True),
        Number("accounting_extension_days", 1, 30, "P2-57", law=True),
        Number("emergency_facts_minutes", 15, 60, "P2-61"),
        Number("emergency_review_hours", 1, 72, "P2-61"),
        Number("statement_owed_hours", 1, 72, "P2-32"),
        Number("checkin_iop_count", 0, 3, "STG-13"),
        Number("checkin_sober_living_count", 0, 3, "STG-13"),
        Number("checkin_therapy_count", 0, 3, "STG-13"),
        Number("checkin_peer_first_count", 0, 3, "STG-13"),
        Number("checkin_peer_first_days", 7, 90, "STG-13"),
        Number("checkin_peer_later_count", 0, 3, "STG-13"),
        Number("checkin_aftercare_count", 0, 3, "STG-13"),
        Number("checkin_aftercare_first_days", 14, 180, "STG-13"),
        Number("checkin_aftercare_second_days", 60, 730, "STG-13"),
        Number("checkin_waitlist_count", 0, 3, "STG-13"),
        Number("checkin_at_minutes", 540, 1080, "STG-13"),
        Number("appointment_reminder_hours", 0, 72, "§9"),
    )
}

assert [each.name for each in fields(Policy)] == list(NUMBERS), "every number has its bounds, in the same order"
