"""The append-only trail of who did or saw what. No foreign keys: history outlives its subjects."""
