"""DRF plumbing: views, errors, pagination, idempotency. No domain."""
