"""Addresses of the room."""

from typing import Any

urlpatterns: list[Any] = []
