"""Which tables PostgreSQL walls, and how each finds its client; and which it does not, and why. The whole list (S6).

A wall is raised in a migration (`promises.walled` with the same words); a test proves that list and database agree,
and that no table that names a client, itself or by its parent, is missing here.
"""

from __future__ import annotations

from typing import Any

BY_CLIENT: dict[str, Any] = {"client": "client_id"}


def of(parent: str, column: str) -> dict[str, Any]:
    """Return the wall of rows that are seen when the row is that `column` names."""
    return {"parent": (parent, column)}


# A note about nobody: seen in the organization that ran the group, and by whoever sees somebody who was there.
NOTE: dict[str, Any] = {**BY_CLIENT, "about_nobody": True, "beside": ("sessions_attendance", "session_id")}

# Table -> the arguments of `promises.visible_rows`. Machines of ours see every row of every table.
WALLED: dict[str, dict[str, Any]] = {
    # also the organization that registered the client, so that it can give itself the first grant; and by a packet's
    # grant, because a referral shows whom it is about
    "clients_client": {"client": "id", "packet": "*", "own": "organization_id"},
    "clients_contactpoint": BY_CLIENT,
    "care_team_careteammember": BY_CLIENT,
    "consent_consent": BY_CLIENT,
    "consent_consentrevocation": of("consent_consent", "consent_id"),
    "consent_consentstep": of("consent_consent", "consent_id"),
    "consent_noticedelivery": BY_CLIENT,
    "consent_disclosure": BY_CLIENT,
    "consent_restrictionrequest": BY_CLIENT,
    "disclosures_oraldisclosure": BY_CLIENT,
    "disclosures_accountingrequest": BY_CLIENT,
    # who judges an emergency need not see the client; what was told in it stands apart, behind the client's wall
    "disclosures_emergencydisclosure": {"own": "organization_id"},
    "disclosures_emergencycontent": BY_CLIENT,
    "measures_response": BY_CLIENT,
    "measures_stagemark": BY_CLIENT,
    "measures_measuredue": BY_CLIENT,
    "safety_riskalert": {**BY_CLIENT, "about_nobody": True},
    "safety_alertmove": of("safety_riskalert", "alert_id"),
    "safety_alertpage": of("safety_riskalert", "alert_id"),
    "safety_alertnote": of("safety_riskalert", "alert_id"),
    "episodes_episode": BY_CLIENT,
    "episodes_stagemove": of("episodes_episode", "episode_id"),
    "episodes_stageproposal": of("episodes_episode", "episode_id"),
    "episodes_cosignature": of("episodes_episode", "episode_id"),
    "chart_checkup": BY_CLIENT,
    "chart_contactattempt": BY_CLIENT,
    "chart_iopreview": BY_CLIENT,
    "chart_levelofcareassessment": BY_CLIENT,
    "chart_continuingcareplan": BY_CLIENT,
    "chart_returntouse": BY_CLIENT,
    "chart_returntousereview": BY_CLIENT,
    "guidance_statement": BY_CLIENT,
    "guidance_guidancedecision": BY_CLIENT,
    "programs_enrollment": BY_CLIENT,
    "programs_enrollmentmove": of("programs_enrollment", "enrollment_id"),
    "programs_houseagreement": of("programs_enrollment", "enrollment_id"),
    "programs_placehold": {**BY_CLIENT, "packet": "source_id"},  # the receiver of the referral it was kept for
    "sessions_attendance": BY_CLIENT,
    "sessions_attendancemove": of("sessions_attendance", "attendance_id"),
    "sessions_seriesmember": BY_CLIENT,
    "places_waitlistentry": BY_CLIENT,
    "places_waitlistmove": of("places_waitlistentry", "entry_id"),
    "places_offer": BY_CLIENT,
    # by the one passed over: nobody learns of another's needs by way of an offer
    "places_offerskip": of("places_waitlistentry", "entry_id"),
    "places_beduse": {**BY_CLIENT, "about_nobody": True},
    "sessions_peernote": NOTE,
    "sessions_clinicalnote": NOTE,
    "sessions_contactnote": NOTE,
    "sessions_counselingnote": {**BY_CLIENT, "author": "author_id"},
    "sessions_counselingreading": of("sessions_counselingnote", "note_id"),
    "referrals_referral": {**BY_CLIENT, "packet": "id"},
    "referrals_referralmove": of("referrals_referral", "referral_id"),
    "referrals_referrallink": of("referrals_referral", "referral_id"),
    "referrals_referralclock": of("referrals_referral", "referral_id"),
    "referrals_referralsupplement": of("referrals_referral", "referral_id"),
    "referrals_referralconfirmation": of("referrals_referral", "referral_id"),
    "notifications_checkinplan": BY_CLIENT,
    "notifications_checkin": BY_CLIENT,
    "notifications_checkinpreference": BY_CLIENT,
    "notifications_silencestep": BY_CLIENT,
    "notifications_inboundtext": {**BY_CLIENT, "about_nobody": True},
    "notifications_message": BY_CLIENT,
    "notifications_attempt": of("notifications_message", "message_id"),
    "notifications_attemptoutcome": of("notifications_attempt", "attempt_id"),
    "notifications_conversation": BY_CLIENT,
    "notifications_stafftext": of("notifications_message", "message_id"),
    "notifications_textreading": of("notifications_inboundtext", "text_id"),
    "notifications_textingconsent": BY_CLIENT,
    "notifications_textingconsentevent": of("notifications_textingconsent", "consent_id"),
    # the item that a referral was stopped outlives the grant that it gave; items hold ids and codes only
    "worklist_workitem": {"own": "organization_id"},
    # those who judge a restriction or an emergency need not see the client
    "access_restriction": {"own": "organization_id"},
    "access_breakglass": {"own": "organization_id"},
    "api_idempotencykey": {"own": "organization_id"},  # kept answers: what was shown to somebody of the organization
    "notifications_receipt": {},  # words and numbers of people we may not know yet
    "outbox_outboxevent": {},
}
GRANTS = "access_grant"  # has a form of its own: `promises.walled_grants`

# Table -> why PostgreSQL does not wall it although it names clients.
OPEN = {
    "audit_auditevent": "everybody leaves rows, strangers too; ids and codes only; who may read it is judged by rooms",
}
