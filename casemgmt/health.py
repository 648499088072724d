"""`/healthz` says that the process answers; `/readyz` that it can do its work. Neither tells anything about people."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from casemgmt.kernel import clock
from casemgmt.outbox.heartbeat import JobHeartbeat


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process can."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, migrations and the drivers are well, else 503; each part by name."""
    parts = {"database": "ok", "migrations": "ok", "drivers": "ok"}
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            parts["migrations"] = "pending"
        parts["drivers"] = _drivers()
    except Error:
        parts = {"database": "unreachable", "migrations": "unknown", "drivers": "unknown"}
    well = set(parts.values()) == {"ok"}
    return JsonResponse({"status": "ready" if well else "not ready", **parts}, status=200 if well else 503)


def _drivers() -> str:
    """Return `ok` when at least one driver of every tick finished a round lately, else the ticks that stand still."""
    oldest = clock.now() - timedelta(seconds=settings.HEARTBEAT_STALE_SECONDS)
    beats = dict(JobHeartbeat.objects.values_list("name", "last_ok_at"))
    ticks = {name.partition(":")[2] for name in beats} or {"none has run yet"}
    still = [
        tick
        for tick in sorted(ticks)
        if not any(at >= oldest for name, at in beats.items() if name.partition(":")[2] == tick)
    ]
    return "ok" if not still else "standing still: " + ", ".join(still)
