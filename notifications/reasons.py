"""Why a check-in did not go out, or came to nothing, in a sentence for the people who look after the client. Pure."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "reply": "The client answered.",
    "no_reply": "The client did not answer. That says nothing about why.",
    "swept": "Its time was over, and nothing else had ended it. Tell whoever runs the system.",
    "plan_changed": "The plan was changed.",
    "plan_paused": "The plan was paused.",
    "plan_ended": "The plan ended.",
    "episode_held": "The episode was on hold.",
    "client_deceased": "The client has died.",
    "phone_shared": "Others use the phone too, and the client has not confirmed the texts since.",
    "sms_reminders_off": "The client wants no reminders of visits.",
    "number_changed": "The client gave up the number it would have gone to.",
    "sms_opted_out": "The client stopped the texts.",
    "sms_no_consent": "The client has not agreed to texts to this number.",
    "sms_no_number": "There was no number to text to.",
    "sms_number_invalid": "The number does not take texts.",
    "sms_frozen": "An alert is open, so no automated text goes to the client.",
    "a2p_not_registered": "The carriers have not approved our texts yet.",
    "template_not_approved": "The wording was not approved.",
    "sms_template_phi": "The wording could have revealed the kind of care.",
    "sms_template_link": "The wording held a link.",
    "sms_too_long": "The wording was too long for one text.",
    "sms_cap_day": "The client had a text that day already.",
    "sms_cap_week": "The client had the most texts of a week already.",
    "human_contact_today": "Somebody met or reached the client that day.",
    "sms_quiet_hours": "It would have come during quiet hours, and too late after them.",
    "sms_too_late": "It could not be sent in its time.",
    "sms_timezone_unknown": "Nobody knows in which time zone the client lives.",
    "episode_not_open": "The episode was not open.",
    "episode_on_hold": "The episode was on hold.",
    "plan_not_active": "The plan was not active.",
    "wording_incomplete": "The organization lacks what its texts need: an alias, a phone number, an e-mail address.",
    "unconfirmed": "Nobody can say whether it arrived.",
    "attempts": "The carrier could not be reached, however often we tried.",
}
CARRIER = "The carrier could not deliver it."
OTHER = "It was not sent."


def explain(reason: str) -> str:
    """Return the sentence of a reason; empty for none."""
    if not reason:
        return ""
    return SENTENCES.get(reason, CARRIER if reason.startswith("carrier_") else OTHER)
