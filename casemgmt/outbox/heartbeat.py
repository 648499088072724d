"""Signs of life of the drivers: which one finished a round of which tick when. `/readyz` reads them."""

from __future__ import annotations

from casemgmt.kernel import clock

from .models import JobHeartbeat

__all__ = ["JobHeartbeat", "beat"]


def beat(name: str, *, progress: bool) -> None:
    """Note that `driver:tick` finished a round just now, and whether the round did any work (F3, F6)."""
    at = clock.now()
    changed = ["last_ok_at", "last_progress_at"] if progress else ["last_ok_at"]
    JobHeartbeat.objects.bulk_create(
        [JobHeartbeat(name=name, last_ok_at=at, last_progress_at=at)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=changed,
    )
