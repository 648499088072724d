"""The room's skin."""
