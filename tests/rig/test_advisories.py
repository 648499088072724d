"""The lock file keeps to the floors; asking for advisories tells "none known" from "not asked" (S8)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from packaging.version import Version

from casemgmt.devtools.advisories import KNOWN, NONE_KNOWN, NOT_ASKED, main, pins
from casemgmt.devtools.instances import PROJECT

# Each release below has a weakness that was published, or one that our design rests on not having.
FLOORS = {
    "django": "5.2.19",
    "djangorestframework": "3.18.3",
    "celery": "5.7.0",
    "kombu": "5.7.0",
    "django-allauth": "65.21.1",  # not in use; whoever brings it in brings this or later
}
ABSENT = {"django-allauth"}
LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("name", FLOORS)
def test_no_release_is_below_its_floor(lock: str, name: str) -> None:
    """S8: what can be known without asking anybody."""
    found = {pin.name: pin.version for pin in pins(PROJECT / lock)}

    assert name in found or name in ABSENT
    assert Version(found.get(name, FLOORS[name])) >= Version(FLOORS[name])


@pytest.mark.parametrize("lock", LOCKS)
def test_every_release_is_pinned_with_hashes(lock: str) -> None:
    text = (PROJECT / lock).read_text()
    blocks = [block for block in text.split("\n") if block and not block.startswith((" ", "#"))]

    assert len(blocks) == len(pins(PROJECT / lock))
    assert text.count("--hash=sha256:") >= len(blocks)


Answer = Callable[[list[object]], tuple[int, bytes]]


@pytest.fixture
def osv(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Answer]]:
    """A database of advisories on this machine; put into it what it answers."""
    says: dict[str, Answer] = {}

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 - the name is http.server's
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = says["answer"](asked["queries"])
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("OSV_ADDRESS", f"http://127.0.0.1:{server.server_port}")
    yield says
    server.shutdown()
    thread.join()
    server.server_close()


def nothing(queries: list[object]) -> tuple[int, bytes]:
    return 200, json.dumps({"results": [{} for _ in queries]}).encode()


def bad_django(queries: list[object]) -> tuple[int, bytes]:
    rows = [{"vulns": [{"id": "PYSEC-1"}]} if "django'" in str(query).lower() else {} for query in queries]
    return 200, json.dumps({"results": rows}).encode()


def test_none_known_is_clear(osv, capsys) -> None:
    osv["answer"] = nothing

    assert main([]) == NONE_KNOWN
    assert "0 with known weaknesses" in capsys.readouterr().out


def test_a_known_weakness_is_named(osv, capsys) -> None:
    osv["answer"] = bad_django

    assert main([]) == KNOWN
    assert "django 5.2." in capsys.readouterr().out


@pytest.mark.parametrize(
    "answer",
    [
        lambda queries: (503, b""),
        lambda queries: (200, b"<html>a hotel's login page</html>"),
        lambda queries: (200, b'{"results": []}'),
        lambda queries: (200, b"[]"),
    ],
)
def test_who_could_not_be_asked_cleared_nothing(osv, capsys, answer) -> None:
    osv["answer"] = answer

    assert main([]) == NOT_ASKED
    assert "NOT ASKED" in capsys.readouterr().err


def test_nobody_there_is_not_asked(monkeypatch, capsys) -> None:
    monkeypatch.setenv("OSV_ADDRESS", "http://127.0.0.1:1")

    assert main([]) == NOT_ASKED
    assert "NOT ASKED" in capsys.readouterr().err


def test_an_empty_lock_file_is_not_clear(tmp_path) -> None:
    (tmp_path / "empty.lock").write_text("# nothing\n")

    assert main([str(tmp_path / "empty.lock")]) == NOT_ASKED
