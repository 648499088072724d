"""Doors of the room, by noun."""
