"""Handing texts over: what goes, what does not, and what is written down either way."""

from __future__ import annotations

from notifications.models import Message
from notifications.services.delivery import drain
from tests.factories import notifications as make


def test_a_due_check_in_goes_to_the_carrier_once(ada, gateway) -> None:
    message = make.message(ada)

    first, second = drain(gateway=gateway), drain(gateway=gateway)

    message.refresh_from_db()
    (text,) = gateway.sent
    assert (first, second) == (1, 0)
    assert (message.status, message.attempts, message.template_version) == ("sent", 1, "checkin.en.1")
    assert (text.to, text.attempt_id) == (ada.number, message.attempt_id)
    assert text.body.startswith("CareLine: How are you today?")
    assert text.status_callback == f"https://testserver/webhooks/sms/status/{message.attempt_id}/"
    assert message.provider_id == gateway.accepted[0].receipt.provider_id
    assert Message.objects.get().check_in.status == "asked"
