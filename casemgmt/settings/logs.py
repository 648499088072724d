"""How log lines look: one JSON object a line on stderr. Bodies, parameters and exception texts are left out."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from casemgmt.kernel.request import request_id


class JsonLine(logging.Formatter):
    """Formats a record as one JSON object.

    An exception is told by its type and its place only: its text may quote a row of the database. `reveal` adds the
    text, for development.
    """

    def __init__(self, *, reveal: bool = False) -> None:
        super().__init__()
        self.reveal = reveal

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if name := request_id.get():
            line["request_id"] = name
        if record.exc_info and record.exc_info[0]:
            kind, error, trace = record.exc_info
            line["exception"] = f"{kind.__name__}: {error}" if self.reveal else kind.__name__
            line["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        return json.dumps(line, ensure_ascii=False, default=str)


def logging_to_stderr(*, level: str, reveal: bool) -> dict[str, Any]:
    """Return the LOGGING setting."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLine, "reveal": reveal}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            "fido2": {"level": "WARNING"},  # its INFO lines name people's security keys
            "httpx": {"level": "WARNING"},  # its INFO lines hold addresses
            "twilio": {"level": "WARNING"},  # its INFO lines hold numbers and bodies
        },
    }
