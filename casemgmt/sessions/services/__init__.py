"""Doors of the sessions room."""
