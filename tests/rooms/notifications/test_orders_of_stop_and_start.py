"""Whatever order STOP and START are worked through in, the person's last word holds (F19)."""

from __future__ import annotations

import os
import random
from datetime import timedelta

from django.db import connection

from notifications.models import Receipt, TextingConsent
from notifications.services.inbox import process_inbox
from tests.factories import notifications as make

ORDERS = int(os.environ.get("STOP_ORDERS", "60"))  # 1,000 in a long run
SAID = ("STOP", "START", "stop", "unstop", "please stop texting me", "yes")
STOPS = {"STOP", "stop", "please stop texting me"}


def test_never_opted_in_when_the_last_intent_was_stop(ada) -> None:
    """F19: orders of texts, received in one order and worked through in another."""
    chance = random.Random(27)
    wrong = []
    for _ in range(ORDERS):
        said = [chance.choice(SAID) for _ in range(chance.randint(2, 5))]
        receipts = [make.arrives(ada.number, body) for body in said]
        later = make.NOON + timedelta(days=1)
        Receipt.objects.filter(processed_at=None).update(due_at=later)
        for receipt in chance.sample(receipts, len(receipts)):
            Receipt.objects.filter(pk=receipt.pk).update(due_at=make.NOON)
            assert process_inbox() == 1
        connection.check_constraints()  # the ledger and the state agree after each, not only at the end
        if said[-1] in STOPS and TextingConsent.objects.get().state != "opted_out":
            wrong.append(said)

    assert wrong == []
