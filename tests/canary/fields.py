"""Which columns hold words about people, and which hold nothing but codes. A new text column stands in one of the two.

Columns with a closed list of choices are codes by themselves, and so need no line.
"""

from __future__ import annotations

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import BinaryField, CharField, Field, JSONField, TextField

from casemgmt.walls import GRANTS, OPEN, WALLED


def listed(columns: str) -> list[str]:
    """Return what is listed with blanks between."""
    return columns.split()


TEXTS = (CharField, TextField, JSONField, BinaryField, ArrayField)

# Every one of these holds a canary when the scan begins.
WORDS = listed("""
access_breakglass.explanation access_breakglass.remark
api_idempotencykey.body
chart_checkup.note
chart_contactattempt.note chart_contactattempt.reason
chart_continuingcareplan.goals chart_continuingcareplan.reason chart_continuingcareplan.refusal_note
chart_continuingcareplan.supports chart_continuingcareplan.warning_signs
chart_iopreview.certified_by chart_iopreview.note chart_iopreview.reason
chart_levelofcareassessment.rationale chart_levelofcareassessment.reason
chart_returntouse.client_wishes chart_returntouse.reason
chart_returntousereview.note chart_returntousereview.reason
clients_client.city clients_client.family_name clients_client.given_name clients_client.source_id
clients_contactpoint.value
consent_consent.client_name consent_consent.discloser consent_consent.info_description
consent_consent.intermediary_name
consent_consent.revocation_instructions consent_consent.signer_name
consent_consentrevocation.reason consent_consentstep.reason
consent_disclosure.description consent_disclosure.recipient_name
consent_restrictionrequest.reason consent_restrictionrequest.scope consent_restrictionrequest.termination_note
disclosures_accountingrequest.extension_reason disclosures_accountingrequest.requester_name
disclosures_emergencycontent.packet
disclosures_emergencydisclosure.discloser_name disclosures_emergencydisclosure.facility
disclosures_emergencydisclosure.nature disclosures_emergencydisclosure.personnel_name
disclosures_emergencydisclosure.remark
episodes_cosignature.reason
episodes_stagemove.facts episodes_stagemove.given episodes_stagemove.reason
episodes_stageproposal.given episodes_stageproposal.reason
guidance_guidancedecision.reason guidance_statement.reason
measures_response.amend_reason
notifications_inboundtext.body notifications_inboundtext.unknown_sender
notifications_textingconsentevent.evidence
programs_enrollment.over_capacity_reason
programs_enrollmentmove.given programs_enrollmentmove.reason
programs_houseagreement.reason
programs_placehold.over_capacity_reason
referrals_referral.contact_name referrals_referral.packet referrals_referral.reason referrals_referral.returned_summary
referrals_referral.told
referrals_referrallink.recipient_name
referrals_referralconfirmation.reason referrals_referralmove.given referrals_referralmove.reason
referrals_referralsupplement.packet
safety_alertmove.given safety_alertmove.reason safety_alertnote.text
sessions_attendancemove.reason
sessions_clinicalnote.intervention sessions_clinicalnote.late_reason sessions_clinicalnote.plan
sessions_clinicalnote.presentation sessions_clinicalnote.reason sessions_clinicalnote.response
sessions_clinicalnote.summary
sessions_contactnote.late_reason sessions_contactnote.next_step sessions_contactnote.reason sessions_contactnote.summary
sessions_counselingnote.analysis sessions_counselingnote.late_reason sessions_counselingnote.reason
sessions_counselingreading.reason
sessions_peernote.goals sessions_peernote.late_reason sessions_peernote.next_step sessions_peernote.reason
sessions_peernote.summary
""")

# Ours or of a list: verbs, states, kinds, numbers, times, hashes, names of organizations. None may hold a canary.
CODES = listed("""
audit_auditevent.action audit_auditevent.actor_kind audit_auditevent.actor_name audit_auditevent.client_ids
audit_auditevent.object_type audit_auditevent.reason_code audit_auditevent.request_id audit_auditevent.roles
api_idempotencykey.headers api_idempotencykey.key api_idempotencykey.request_hash
chart_levelofcareassessment.code
clients_client.language clients_client.residence_state clients_client.source_system clients_client.timezone
consent_consent.document_hash consent_consent.info_categories consent_consent.purposes
consent_consent.recipient_classes consent_consent.recipient_ids consent_consent.revoked_for
consent_consent.signature_artifact_hash
consent_disclosure.actor_kind consent_disclosure.categories consent_disclosure.notice_version
consent_disclosure.packet_sha256 consent_disclosure.recipient_address
consent_consentrevocation.actor_kind consent_consentstep.actor_kind consent_noticedelivery.actor_kind
consent_restrictionrequest.categories consent_restrictionrequest.purposes
consent_restrictionrequest.recipient_classes
disclosures_emergencycontent.packet_sha256 disclosures_emergencydisclosure.categories
episodes_stagemove.actor_kind episodes_stagemove.actor_roles episodes_stagemove.definition
episodes_stagemove.direction episodes_stagemove.enters episodes_stagemove.from_stage
episodes_stagemove.request_id episodes_stagemove.rule episodes_stagemove.to_stage episodes_stagemove.verb
episodes_stageproposal.proposed_by_kind episodes_stageproposal.source_type episodes_stageproposal.verb
guidance_guidancedecision.basis guidance_guidancedecision.facts guidance_guidancedecision.request_id
guidance_guidancedecision.rule_id guidance_guidancedecision.rules_version guidance_guidancedecision.strength
guidance_guidancedecision.target
guidance_statement.name guidance_statement.source guidance_statement.wishes
measures_response.bands measures_response.flags measures_response.items
measures_response.language measures_response.scores measures_response.version
measures_stagemark.stage
notifications_attempt.body_sha256 notifications_attemptoutcome.code notifications_attemptoutcome.provider_id
notifications_checkin.reason notifications_checkinplan.phases notifications_checkinplan.reason
notifications_checkinplan.stage notifications_checkinplan.starts_stage notifications_checkinplan.times
notifications_checkinplan.weekdays
notifications_checkinpreference.actor_kind notifications_checkinpreference.request_id
notifications_inboundtext.lexicon_version
notifications_message.language notifications_message.params notifications_message.provider_id
notifications_message.reason notifications_message.template notifications_message.template_version
notifications_receipt.dedupe_key notifications_receipt.note notifications_receipt.payload
notifications_textingconsentevent.actor_kind notifications_textingconsentevent.alias
notifications_textingconsentevent.disclosure_text notifications_textingconsentevent.disclosure_version
notifications_textingconsentevent.provider_message_sid
notifications_textingconsentevent.frequency_cap notifications_textingconsentevent.message_types
outbox_outboxevent.actor_kind outbox_outboxevent.last_error outbox_outboxevent.payload outbox_outboxevent.topic
programs_enrollmentmove.actor_kind programs_enrollmentmove.facts programs_enrollmentmove.from_stage
programs_enrollmentmove.request_id programs_enrollmentmove.rule programs_enrollmentmove.to_stage
programs_enrollmentmove.verb
programs_houseagreement.actor_kind programs_houseagreement.request_id programs_houseagreement.rules_hash
referrals_referral.categories referrals_referral.ended_reason referrals_referral.packet_sha256
places_offer.rank places_offer.reason places_offerskip.needs
places_waitlistmove.actor_kind places_waitlistmove.from_stage places_waitlistmove.given places_waitlistmove.request_id
places_waitlistmove.rule places_waitlistmove.to_stage places_waitlistmove.verb
referrals_referralconfirmation.request_id referrals_referrallink.pin_hash
referrals_referrallink.session_hash referrals_referrallink.token_hash referrals_referralsupplement.categories
referrals_referralsupplement.packet_sha256
referrals_referralmove.actor_kind referrals_referralmove.facts referrals_referralmove.from_stage
referrals_referralmove.request_id referrals_referralmove.rule
referrals_referralmove.to_stage referrals_referralmove.verb
safety_alertmove.actor_kind safety_alertmove.from_stage safety_alertmove.request_id safety_alertmove.rule
safety_alertmove.to_stage safety_alertmove.verb
safety_riskalert.lexicon_version safety_riskalert.term
sessions_attendancemove.actor_kind sessions_attendancemove.cancelled_by sessions_attendancemove.from_state
sessions_attendancemove.request_id
sessions_clinicalnote.modalities sessions_peernote.competencies
worklist_workitem.outcome worklist_workitem.source_type
""")

# Typed in by staff, but what of: a version of a form, where an episode came from.
# And what a person texts a client: it goes to the carrier on purpose, so a canary in it would prove nothing.
NAMES_OF_THINGS = [
    "consent_consent.template_version",
    "consent_noticedelivery.notice_version",
    "episodes_episode.source",
    "notifications_stafftext.body",
]


def text_columns() -> list[str]:
    """Return `table.column` of every text without a closed list, in the tables that name a client."""
    named = {*WALLED, GRANTS, *OPEN}
    return sorted(
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        if model._meta.db_table in named
        for field in model._meta.concrete_fields
        if isinstance(field, TEXTS) and not _is_list(field)
    )


def _is_list(field: Field) -> bool:
    inner = field.base_field if isinstance(field, ArrayField) else field
    return bool(inner.choices)
