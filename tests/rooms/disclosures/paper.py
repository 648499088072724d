"""Reading a PDF of ours back: what stands between the parentheses of its text."""

from __future__ import annotations

import re

SHOWN = re.compile(rb"^\((.*)\) Tj T\*$", re.MULTILINE)


def lines(document: bytes) -> list[str]:
    """Return the lines of a PDF as a reader sees them, page by page."""
    bare = [re.sub(rb"\\([\\()])", rb"\1", line) for line in SHOWN.findall(document)]
    return [line.decode("cp1252") for line in bare]


def prose(document: bytes) -> str:
    """Return a PDF's words with single blanks between, so that where a line ends does not matter."""
    return " ".join(" ".join(lines(document)).split())
