"""The Celery app and the beat schedule. Celery is a doorbell: all work is in PostgreSQL, tasks take no arguments."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgmt.settings.production")

# Task -> the setting that holds its interval. A tick is safe to run at any moment, in any number of copies.
TICKS = {
    "watch": ("casemgmt.tasks.watch", "TICK_WATCH_SECONDS"),
    "outbox.relay": ("casemgmt.outbox.tasks.relay", "TICK_RELAY_SECONDS"),
    "audit.seal": ("casemgmt.outbox.tasks.seal", "TICK_SEAL_SECONDS"),
    "safety.escalate": ("casemgmt.safety.tasks.escalate", "TICK_ESCALATE_SECONDS"),
    "episodes.pathway": ("casemgmt.episodes.tasks.pass_time", "TICK_PATHWAY_SECONDS"),
    "referrals.clocks": ("referrals.tasks.tell_time", "TICK_CLOCKS_SECONDS"),
    "sessions.series": ("casemgmt.sessions.tasks.materialize", "TICK_SERIES_SECONDS"),
    "sessions.untold": ("casemgmt.sessions.tasks.ask_who_came", "TICK_UNTOLD_SECONDS"),
    "sessions.dose": ("casemgmt.sessions.tasks.watch_minimum", "TICK_DOSE_SECONDS"),
    "places.pass_time": ("casemgmt.places.tasks.pass_time", "TICK_PLACES_SECONDS"),
    "sessions.notes": ("casemgmt.sessions.tasks.remind", "TICK_NOTES_SECONDS"),
    "consent.pass_time": ("casemgmt.consent.tasks.pass_time", "TICK_CONSENTS_SECONDS"),
    "disclosures.emergencies": ("casemgmt.disclosures.tasks.pass_time", "TICK_EMERGENCIES_SECONDS"),
    "clients.reviews": ("casemgmt.clients.tasks.escalate_reviews", "TICK_REVIEWS_SECONDS"),
    "notices.write": ("casemgmt.notices.tasks.write", "TICK_NOTICES_SECONDS"),
    "api.forget": ("casemgmt.api.tasks.forget", "TICK_FORGET_SECONDS"),
    "accounts.forget": ("casemgmt.accounts.tasks.forget", "TICK_FORGET_SECONDS"),
    "notifications.materialize": ("notifications.tasks.materialize", "TICK_MATERIALIZE_SECONDS"),
    "notifications.reminders": ("notifications.tasks.remind", "TICK_REMINDERS_SECONDS"),
    "notifications.silences": ("notifications.tasks.watch_silences", "TICK_SILENCES_SECONDS"),
    "notifications.sweep": ("notifications.tasks.sweep", "TICK_SWEEP_SECONDS"),
    "notifications.send": ("notifications.tasks.send", "TICK_SEND_SECONDS"),
    "notifications.reconcile": ("notifications.tasks.reconcile", "TICK_RECONCILE_SECONDS"),
    "notifications.poll": ("notifications.tasks.poll_inbound", "TICK_POLL_SECONDS"),
    "notifications.receipts": ("notifications.tasks.process_inbox", "TICK_INBOX_SECONDS"),
}

# Redis' client tries four times, each for this long; a lost ring costs seconds, because the ticks find the work (F4).
RINGING = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "max_retries": 0}


def configuration() -> dict[str, Any]:
    """Return Celery's configuration, read from Django's settings when it is first needed."""
    from django.conf import settings

    return {
        "broker_url": settings.REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host="),
        # A half-open connection costs seconds, not the night (F5).
        "broker_transport_options": {
            "visibility_timeout": 300,
            "socket_timeout": 15,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 10,
            "retry_on_timeout": True,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
        },
        "broker_connection_retry_on_startup": True,
        "task_publish_retry": False,  # `ring` and beat try again by themselves
        "task_acks_late": True,
        "task_reject_on_worker_lost": False,  # the work is in the database; a task that kills workers must not loop
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_soft_time_limit": 45,
        "task_time_limit": 60,
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": 1000,
        "worker_soft_shutdown_timeout": 30,
        "worker_hijack_root_logger": False,
        "enable_utc": True,
        "timezone": "UTC",
        "beat_schedule": {
            name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}  # a stale tick evaporates
            for name, (task, setting) in TICKS.items()
            for seconds in [getattr(settings, setting)]
        },
    }


class Doorbell(Celery):
    """Celery that gives up ringing soon. Whoever waits for an answer of ours does not wait for a broker that hangs."""

    def connection_for_write(self, url: str | None = None, **options: Any) -> Any:
        """Return the connection that tasks are published by; workers wait on another, with more patience."""
        given = options.pop("transport_options", None) or {}
        return super().connection_for_write(url, transport_options={**given, **RINGING}, **options)


app = Doorbell("casemgmt")
app.add_defaults(configuration)
app.autodiscover_tasks()
