"""Starts the stand-in carrier: reads the options, opens the log, prints `ready`, serves until it is ended."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from types import FrameType

from .carrier import Carrier
from .dice import Settings
from .journal import Journal, JournalError
from .server import Server
from .switchboard import Switchboard


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings().changed({field.name: getattr(options, field.name) for field in fields(Settings)})
        journal = Journal(options.log)
        switchboard = Switchboard(journal=journal, account_sid=options.account_sid, inbound_url=options.inbound_url)
        carrier = Carrier(switchboard=switchboard, auth_token=options.auth_token, settings=settings, seed=options.seed)
        server = Server((options.host, options.port), carrier)
        carrier.start()
    except (JournalError, ValueError, OSError) as error:
        print(f"the carrier cannot start: {error}", file=sys.stderr)
        return 1
    try:
        signal.signal(signal.SIGTERM, _leave)
        print(f"ready http://{options.host}:{server.server_address[1]} log {options.log}", flush=True)
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        return 0
    return 0


def _leave(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m casemgmt.devtools.carrier",
        description="A carrier that sends nothing: Twilio's Messages API for development, demos and drills.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free one")
    parser.add_argument("--log", type=Path, required=True, help="the durable log, one JSON object a line")
    parser.add_argument("--account-sid", default=os.environ.get("CARRIER_ACCOUNT_SID", "AC" + "0" * 32))
    parser.add_argument("--auth-token", default=os.environ.get("CARRIER_AUTH_TOKEN", "local-token"))
    parser.add_argument("--inbound-url", default="", help="where texts from phones are delivered")
    parser.add_argument("--seed", type=int, default=1, help="of the dice")
    for setting in fields(Settings):
        _add(parser, setting.name, setting.default)
    return parser


def _add(parser: argparse.ArgumentParser, name: str, default: object) -> None:
    flag = f"--{name.replace('_', '-')}"
    if isinstance(default, bool):
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=default)
    elif isinstance(default, tuple):
        parser.add_argument(flag, nargs="*", default=[], metavar="NUMBER")
    else:
        parser.add_argument(flag, type=type(default), default=default)


if __name__ == "__main__":
    sys.exit(main())
