"""The ticks of the house, in the order in which work flows: STOP before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from casemgmt.accounts.guessing import forget_old_guesses
from casemgmt.api.idempotency import forget_old_answers
from casemgmt.audit.sealing import seal_trail
from casemgmt.clients.break_glass import escalate_reviews
from casemgmt.consent import clockwork as consents
from casemgmt.disclosures import clockwork as emergencies
from casemgmt.episodes.clockwork import pass_time
from casemgmt.notices.services.rounds import write_notices
from casemgmt.outbox.relay import relay
from casemgmt.places.services import passing
from casemgmt.safety.services import paging
from casemgmt.sessions.services import materializing as series
from casemgmt.sessions.services import minimum, reminding, untold
from notifications.services import (
    appointments,
    carrier,
    delivery,
    inbox,
    materializing,
    polling,
    reconciling,
    silences,
    sweeping,
    watching,
)
from referrals.clockwork import tell_time

KeepOn = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Tick:
    """One round of work that may be done at any moment, in any number of copies; returns how much it did."""

    name: str
    interval: str  # the setting that holds the seconds between two rounds
    run: Callable[[KeepOn], int]


def watch_parts() -> int:
    """Tell operators of what stands still (R10); return how many letters went."""
    return watching.watch(intervals={tick.name: getattr(settings, tick.interval) for tick in TICKS})


TICKS = (
    Tick("poll", "TICK_POLL_SECONDS", lambda keep_on: polling.poll_inbound(gateway=carrier.gateway())),
    Tick("receipts", "TICK_INBOX_SECONDS", lambda keep_on: inbox.process_inbox(keep_on=keep_on)),
    Tick("relay", "TICK_RELAY_SECONDS", lambda keep_on: relay()),
    Tick("seal", "TICK_SEAL_SECONDS", lambda keep_on: seal_trail()),
    Tick("escalate", "TICK_ESCALATE_SECONDS", lambda keep_on: paging.escalate(keep_on=keep_on)),
    Tick("pathway", "TICK_PATHWAY_SECONDS", lambda keep_on: pass_time(keep_on=keep_on)),
    Tick("referral_clocks", "TICK_CLOCKS_SECONDS", lambda keep_on: tell_time(keep_on=keep_on)),
    Tick("series", "TICK_SERIES_SECONDS", lambda keep_on: series.materialize(keep_on=keep_on)),
    Tick("untold", "TICK_UNTOLD_SECONDS", lambda keep_on: untold.ask_who_came(keep_on=keep_on)),
    Tick("dose", "TICK_DOSE_SECONDS", lambda keep_on: minimum.watch_minimum(keep_on=keep_on)),
    Tick("places", "TICK_PLACES_SECONDS", lambda keep_on: passing.pass_time(keep_on=keep_on)),
    Tick("notes", "TICK_NOTES_SECONDS", lambda keep_on: reminding.pass_time(keep_on=keep_on)),
    Tick("consents", "TICK_CONSENTS_SECONDS", lambda keep_on: consents.pass_time(keep_on=keep_on)),
    Tick("emergencies", "TICK_EMERGENCIES_SECONDS", lambda keep_on: emergencies.pass_time(keep_on=keep_on)),
    Tick("reviews", "TICK_REVIEWS_SECONDS", lambda keep_on: escalate_reviews(keep_on=keep_on)),
    Tick("notices", "TICK_NOTICES_SECONDS", lambda keep_on: write_notices(keep_on=keep_on)),
    Tick("forget", "TICK_FORGET_SECONDS", lambda keep_on: forget_old_answers()),
    Tick("forget_guesses", "TICK_FORGET_SECONDS", lambda keep_on: forget_old_guesses()),
    Tick("materialize", "TICK_MATERIALIZE_SECONDS", lambda keep_on: materializing.materialize(keep_on=keep_on)),
    Tick("reminders", "TICK_REMINDERS_SECONDS", lambda keep_on: appointments.remind(keep_on=keep_on)),
    Tick("silences", "TICK_SILENCES_SECONDS", lambda keep_on: silences.watch_silences(keep_on=keep_on)),
    Tick("sweep", "TICK_SWEEP_SECONDS", lambda keep_on: sweeping.sweep(keep_on=keep_on)),
    Tick("watch", "TICK_WATCH_SECONDS", lambda keep_on: watch_parts()),
    Tick("send", "TICK_SEND_SECONDS", lambda keep_on: delivery.drain(gateway=carrier.gateway(), keep_on=keep_on)),
    Tick(
        "reconcile",
        "TICK_RECONCILE_SECONDS",
        lambda keep_on: reconciling.reconcile(gateway=carrier.gateway(), keep_on=keep_on),
    ),
)
