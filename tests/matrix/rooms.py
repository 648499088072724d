"""The table of the matrix, read: its lines by room, and what is open to who holds no key."""

from __future__ import annotations

from .table import TABLE

# Open to who holds no key at all: signing in, and following a link.
PUBLIC = {
    ("post", "session/"),
    ("delete", "session/"),
    ("post", "tokens/"),
    ("post", "invitations/accept/"),
    ("post", "outside/session/"),
}


def rooms() -> dict[str, list[tuple[str, str, str]]]:
    """Return (method, route, letters) of every line, by room."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    room = ""
    for line in TABLE.strip().splitlines():
        if line.startswith("#"):
            room = line.removeprefix("#").strip()
            found[room] = []
        else:
            method, route, *letters = line.split()
            found[room].append((method, route, "".join(letters)))
    return found
