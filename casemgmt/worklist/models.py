"""Work items: what somebody must do, for whom, by when."""

from __future__ import annotations

from django.db import models

from casemgmt.accounts.roles import Role
from casemgmt.kernel.models import Entity

from .querysets import WorkItemQuerySet


class ItemKind(models.TextChoices):
    """What is to be done. The text for people is the label; the row carries no words of its own."""

    REPLY_CRISIS = "reply_crisis", "A client's text sounds like danger. Call now."
    CRISIS_HANDOFF = "crisis_handoff", "A peer specialist hands you a client in distress. Get in touch now."
    REPLY_CALL_ME = "reply_call_me", "A client asks to be called."
    REPLY_SO_SO = "reply_so_so", "A client answered so-so. Get in touch."
    REPLY_UNPARSED = "reply_unparsed", "A client's text needs a person to read it."
    TEXTING_OPTED_OUT = "texting_opted_out", "A client stopped the texts. Agree another way to check in."
    CHECK_IN_OTHERWISE = "check_in_otherwise", "A client wants check-ins by call or e-mail. Agree when, and check in."
    CHECK_INS_UNANSWERED = "check_ins_unanswered", "A client did not answer two check-ins. Ask how they are."
    CHECK_IN_OUTREACH = "check_in_outreach", "A client has not been heard of for a while. Try to reach them by phone."
    CHECK_IN_UNREACHED = "check_in_unreached", "Nobody reaches a client who went silent. Decide what comes next."
    NUMBER_INVALID = "number_invalid", "A client's number does not work. Get a new one."
    MESSAGE_UNCONFIRMED = "message_unconfirmed", "Nobody can say whether a text arrived."
    MESSAGE_FAILED = "message_failed", "A text could not be delivered."
    CHECK_IN_EXPIRED = "check_in_expired", "A check-in could not be sent in its time."
    CHANNEL_PAUSED = "channel_paused", "The carrier takes no texts of ours, or refuses some. Look at the channel."
    REFERRAL_RECEIVED = "referral_received", "A referral waits for your answer."
    REFERRAL_LINK = "referral_link", "A referral waits for its link. Make one, and tell link and PIN apart."
    REFERRAL_ANSWERED = "referral_answered", "A referral was answered."
    REFERRAL_STOPPED = "referral_stopped", "A referral was stopped. Do not rely on it any longer."
    REFERRAL_DRAFTED = "referral_drafted", "A referral is still a draft. Send it or take it back."
    REFERRAL_CONSENT = "referral_consent", "A referral waits for a consent that covers it."
    REFERRAL_READY = "referral_ready", "A referral is covered by a consent. Send it."
    REFERRAL_QUESTION = "referral_question", "The receiver of a referral asks something. Answer it."
    REFERRAL_DUE = "referral_due", "The time you have for a referral is almost over."
    REFERRAL_OVERDUE = "referral_overdue", "A referral is overdue on your side."
    REFERRAL_LATE = "referral_late", "The receiver of a referral is late. Call them."
    REFERRAL_ESCALATED = "referral_escalated", "A referral of your organization's has been overdue for long."
    REFERRAL_STUCK = "referral_stuck", "A referral from your organization has been overdue for long. Step in."
    REFERRAL_TO_SCHEDULE = "referral_to_schedule", "A referral was accepted. Give the first visit its time."
    REFERRAL_RECONFIRM = "referral_reconfirm", "A client you took waits for a place. Say whether that still holds."
    REFERRAL_UPDATE = "referral_update", "A client was referred to you a while ago. Tell the sender how it goes."
    REFERRAL_REROUTE = "referral_reroute", "A referral came to nothing. Ask somebody else."
    REFERRAL_REASSESS = "referral_reassess", "A referral was declined. Look at the client's needs again."
    REFERRAL_OUTREACH = "referral_outreach", "A referred client did not come. Get in touch."
    REFERRAL_SUMMARY = "referral_summary", "The receiver of a referral closed the loop. Read the summary and agree."
    REFERRAL_DISPUTED = "referral_disputed", "The other side sees the end of a referral differently. Call them."
    REFERRAL_ALONE = "referral_alone", "Clinical care fell through and peer support goes on alone. Step in."
    STAGE_PROPOSED = "stage_proposed", "A next stage was proposed. Confirm or dismiss it."
    STAGE_TO_APPROVE = "stage_to_approve", "A stage change waits for a clinician's approval."
    # the pathway (rules.md §8)
    INTAKE_TO_DO = "intake_to_do", "A client was taken in. Complete the intake."
    COSIGN_NEEDED = "cosign_needed", "A stage change was started ahead of you. Co-sign or refuse it."
    COSIGN_LAPSED = "cosign_lapsed", "A stage change was not co-signed. Decide how the client goes on."
    HOLD_REVIEW = "hold_review", "A client is on hold. Look at how they are and what comes next."
    WAITLIST_CONTACT = "waitlist_contact", "A client waits for a place. Get in touch in person."
    WAITLIST_RESCREEN = "waitlist_rescreen", "A client waits for a place. Repeat the safety screen."
    WAITLIST_CONFIRM = "waitlist_confirm", "A client is on a program's waitlist. Ask whether they still wait."
    WAITLIST_OFFER = "waitlist_offer", "A client was offered a place. Answer before the offer expires."
    WAITLIST_OFFER_ENDS = "waitlist_offer_ends", "A client's offer expires soon. Reach them and answer it."
    SKIP_FOLLOW_UP = "skip_follow_up", "A client went past a clinical stage. See how it goes."
    STAGE_CORRECTED = "stage_corrected", "A move was entered in error. Check what had followed from it."
    TRANSFER_TO_CONFIRM = "transfer_to_confirm", "A client was transferred. Ask whether the first contact took place."
    OUTREACH_DUE = "outreach_due", "A client left. Reach out and offer to come back."
    REENTRY_PRIORITY = "reentry_priority", "A client came back. See them first."
    CLIENT_DIED = (
        "client_died",
        "A client you cared for has died. Hear it from a colleague before you hear it elsewhere.",
    )
    # the chart
    RETURN_TO_USE_REVIEW = "return_to_use_review", "A return to use was recorded. Review the care with the client."
    CHECKUP_DUE = "checkup_due", "A recovery check-up is due, by a person."
    RELINK_DUE = "relink_due", "A check-up showed that the client needs treatment again. Book it."
    IOP_REVIEW = "iop_review", "Review whether intensive outpatient care still fits."
    IOP_RECERTIFY = "iop_recertify", "A physician must certify intensive outpatient care again."
    IOP_BELOW_MINIMUM = "iop_below_minimum", "A client attends less than IOP asks. Re-engage or reassess."
    # sessions
    SESSION_TO_TELL = "session_to_tell", "A session is over. Tell whether it took place and who came."
    NO_SHOW_OUTREACH = "no_show_outreach", "A client did not come to a session. Reach out and ask how they are."
    NO_SHOWS_IN_A_ROW = (
        "no_shows_in_a_row",
        "A client missed sessions in a row. Decide with the team how to reach them.",
    )
    SESSIONS_TO_PLAN = "sessions_to_plan", "A client is back from a pause. Plan their sessions again."
    # measures and safety
    MEASURE_DUE = "measure_due", "A measure is due."
    SAFETY_SCREEN_DUE = "safety_screen_due", "A safety screen (C-SSRS) is due today."
    RISK_ALERT = "risk_alert", "A client may be at risk. Acknowledge the alert and get in touch."
    RISK_FOLLOW_UP = "risk_follow_up", "A risk alert was closed. Follow up with the client."
    # who may see whom
    BREAK_GLASS_REVIEW = "break_glass_review", "A restricted client was opened in an emergency. Judge whether rightly."
    BREAK_GLASS_OPENED = "break_glass_opened", "Somebody of yours opened a restricted client in an emergency. Ask why."
    BREAK_GLASS_OVERDUE = (
        "break_glass_overdue",
        "An opening in an emergency was not judged in time. See that a privacy officer judges it.",
    )
    RESTRICTED_UNSEEN = "restricted_unseen", "A restricted client has nobody left who sees them. Lift the restriction."
    # what leaves, and on what ground
    CONSENT_REVOCATION = "consent_revocation", "A client wrote to take a consent back. Ask the client and confirm it."
    RECIPIENTS_TO_TELL = (
        "recipients_to_tell",
        "A client took a consent back. Tell those who were told something under it.",
    )
    CONSENT_EXPIRING = "consent_expiring", "A consent ends soon. Ask the client whether to sign again."
    CONSENT_DISPUTED = "consent_disputed", "Somebody says that a consent is not true. Find out, then settle or revoke."
    RESTRICTION_ASKED = "restriction_asked", "A client asks for something not to be disclosed. Answer the request."
    ACCOUNTING_DUE = "accounting_due", "A client asked what was disclosed. Give them the accounting in time."
    STATEMENT_OWED = "statement_owed", "You disclosed something by word of mouth. Read or send the statement of §2.32."
    EMERGENCY_TOLD = (
        "emergency_told",
        "Something was disclosed in a medical emergency. See that its record is finished.",
    )
    EMERGENCY_FACTS = "emergency_facts", "Finish the record of an emergency disclosure: to whom, by whom, when, why."
    EMERGENCY_OVERDUE = "emergency_overdue", "An emergency disclosure lacks its facts after an hour. Get them now."
    EMERGENCY_STILL_OVERDUE = (
        "emergency_still_overdue",
        "An emergency disclosure still lacks its facts. See that somebody writes them down.",
    )
    EMERGENCY_REVIEW = "emergency_review", "An emergency disclosure is finished. Judge whether it was right."
    # sessions
    NOTE_UNSIGNED = "note_unsigned", "A note of yours is a draft. Sign it."
    NOTE_TO_COSIGN = "note_to_cosign", "A note waits for your co-signature."
    CREDENTIAL_EXPIRING = "credential_expiring", "A credential ends soon. Renew it and record the new one."
    # guidance
    GUIDANCE_REVIEW = "guidance_review", "The client tried both kinds of support. See which fits."


class Priority(models.IntegerChoices):
    """How urgent. Lower comes first."""

    NOW = 0
    TODAY = 1
    NORMAL = 2


class WorkItem(Entity):
    """One thing to do in one organization, for a role or a person, about at most one client."""

    organization_id = models.UUIDField()
    client_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=32, choices=ItemKind.choices)
    role = models.CharField(max_length=20, choices=Role.choices)
    assignee_id = models.UUIDField(null=True)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    due_at = models.DateTimeField()
    source_type = models.CharField(max_length=32)
    source_id = models.UUIDField()
    done_at = models.DateTimeField(null=True)
    done_by = models.UUIDField(null=True)  # None on a done item: a machine closed it
    outcome = models.CharField(max_length=32, blank=True)
    by_hand = models.BooleanField(default=False)  # somebody finished it; False on a done item: its source was settled
    told_at = models.DateTimeField(null=True)  # when those it falls to were written to; None: they are to be
    late_told_at = models.DateTimeField(null=True)  # the same, about its being overdue

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        constraints = [
            # opening twice is opening once: sweeps and repeats add nothing
            models.UniqueConstraint(
                fields=["kind", "source_id"], condition=models.Q(done_at__isnull=True), name="work_item_open_once"
            ),
            # the list shows only work we have words for
            models.CheckConstraint(condition=models.Q(kind__in=ItemKind.values), name="work_item_kind_known"),
        ]
        indexes = [
            # reader: an organization's open work, most urgent first
            models.Index(
                fields=["organization_id", "priority", "due_at", "id"],
                name="work_item_open",
                condition=models.Q(done_at__isnull=True),
            ),
            # reader: the done work of an organization
            models.Index(fields=["organization_id", "priority", "due_at", "id"], name="work_item_all"),
            # reader: ticks that ask for the same thing once
            models.Index(fields=["source_id", "kind"], name="work_item_by_source"),
            # reader: a client's open items, closed when the client dies
            models.Index(fields=["client_id"], name="work_item_by_client", condition=models.Q(done_at__isnull=True)),
            # reader: notices, whom to tell that something waits
            models.Index(
                fields=["priority", "id"],
                name="work_item_untold",
                condition=models.Q(done_at__isnull=True, told_at__isnull=True),
            ),
            # reader: notices, whom to tell that something is overdue
            models.Index(
                fields=["due_at", "id"],
                name="work_item_late_untold",
                condition=models.Q(done_at__isnull=True, late_told_at__isnull=True),
            ),
        ]
