"""Every place to which the running system may let words out: logs, broker, letters, texts, what is left in files."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis

from casemgmt.devtools.stack import Stack


class Broker:
    """Hears every command that Redis gets, from its beginning on, and reads what is left."""

    def __init__(self, url: str) -> None:
        self.url, self.heard = url, []  # type: tuple[str, list[str]]
        self.client = redis.Redis.from_url(url, decode_responses=True, encoding_errors="replace")
        listening = threading.Event()
        threading.Thread(target=self._listen, args=(listening,), daemon=True).start()
        assert listening.wait(10)

    def _listen(self, listening: threading.Event) -> None:
        with suppress(redis.RedisError, OSError, ValueError), self.client.monitor() as monitor:
            listening.set()
            for command in monitor.listen():
                self.heard.append(str(command["command"]).replace('\\"', '"').replace("\\\\", "\\"))

    def left(self) -> str:
        """Return every key and value."""
        read: dict[str, Any] = {
            "string": self.client.get,
            "list": lambda key: self.client.lrange(key, 0, -1),
            "hash": self.client.hgetall,
            "set": self.client.smembers,
            "zset": lambda key: self.client.zrange(key, 0, -1),
        }
        typed = ((key, self.client.type(key)) for key in self.client.scan_iter())
        return "\n".join(f"{key} {read[kind](key)}" for key, kind in typed if kind != "none")  # it went meanwhile


def texts(stack: Stack) -> list[str]:
    """Return the bodies of the texts that the carrier took from us."""
    lines = [json.loads(line) for line in stack.carrier_log.read_text().splitlines()]
    return [line["body"] for line in lines if line.get("kind") == "accepted"]


def files(stack: Stack) -> dict[str, str]:
    """Return what the processes wrote beside each other: logs, letters, beat's notes; not what phones said."""
    home = stack.servers.home
    found = [path for path in home.rglob("*") if path.is_file() and path != stack.carrier_log and _ours(path, home)]
    return {str(path.relative_to(home)): path.read_bytes().decode(errors="replace") for path in found}


def _ours(path: Path, home: Path) -> bool:
    return path.relative_to(home).parts[0] != "servers"  # the database itself
