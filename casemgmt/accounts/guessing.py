"""How often somebody may guess: counted before the guess is judged, so that many at once are no way around it (6.3.1).

A pair of name and address has few guesses, and no stranger can use up those of somebody else. A name and an address
alone have many; whoever signed in from an address before is not held up there by what strangers do. Judges no password.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from casemgmt.audit.models import Outcome
from casemgmt.audit.record import record
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.errors import DomainError

from .models import GuessCount
from .origins import Origin


@dataclass(frozen=True, slots=True)
class Limit:
    """So many guesses within a span that begins with the first."""

    kind: str
    most: int
    seconds: int


PAIR = Limit("pair", 5, 15 * 60)  # one name from one address
ADDRESS = Limit("address", 100, 3600)  # any names from one address
NAME = Limit("name", 100, 3600)  # one name from anywhere

COUNT = """
INSERT INTO accounts_guesscount AS known (key, count, ends_at)
VALUES (%s, 1, casemgmt_now() + make_interval(secs => %s))
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN known.ends_at <= casemgmt_now() THEN 1 ELSE known.count + 1 END,
  ends_at = CASE WHEN known.ends_at <= casemgmt_now() THEN excluded.ends_at ELSE known.ends_at END
RETURNING count, greatest(1, ceil(extract(epoch FROM ends_at - casemgmt_now())))::int
"""


class TooManyGuesses(DomainError):
    """Nobody looks at this guess, right or wrong. `seconds` says when one is looked at again."""

    code = "too_many_requests"
    sentence = "Too many tries. Wait a while."

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__()


def canonical(name: str) -> str:
    """Return a login as it is counted: compatibility forms, letter case and diacritics make no other name."""
    plain = unicodedata.normalize("NFKD", name.strip()).casefold()
    bare = "".join(character for character in plain if not unicodedata.combining(character))
    return unicodedata.normalize("NFKC", bare)


@dataclass(frozen=True, slots=True)
class Guess:
    """One try at somebody's secret: at whose, from where, and whether that person came in from there before."""

    name: str
    origin: Origin
    known: bool

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Return what this guess counts against, always in this order: two who count never wait in a circle."""
        if self.known:
            return (PAIR,)
        # a server that knows no addresses must not lock everybody
        return (PAIR, ADDRESS, NAME) if self.origin.address else (PAIR, NAME)

    def key(self, limit: Limit) -> str:
        """Return the row that a limit counts this guess in."""
        pair = f"{canonical(self.name)}\n{self.origin.neighborhood}"
        told = {PAIR: pair, ADDRESS: self.origin.neighborhood, NAME: canonical(self.name)}[limit]
        return salted_hmac(f"casemgmt.accounts.guessing.{limit.kind}", told, algorithm="sha256").hexdigest()


def count_guess(guess: Guess) -> None:
    """Count one guess, and commit it, before anybody judges it. Raises TooManyGuesses."""
    for limit in guess.limits:
        seconds = _count(limit, guess.key(limit))
        if seconds:
            raise TooManyGuesses(seconds)


@transaction.atomic
def _count(limit: Limit, key: str) -> int:
    """Return 0, or the seconds to wait when this was one too many. The first of those leaves an audit row."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [key, limit.seconds])
        count, seconds = cursor.fetchone()
    if count <= limit.most:
        return 0
    if count == limit.most + 1:
        record(
            "sign_in.locked",
            actor=Actor.anonymous(),
            object_type="guess_count",
            outcome=Outcome.REFUSED,
            reason_code=limit.kind,
        )
    return int(seconds)


def forgive(guess: Guess) -> None:
    """Give a guess back after it was right: the pair begins anew, what strangers used up stays used up."""
    for limit in guess.limits:
        counted = GuessCount.objects.filter(key=guess.key(limit))
        if limit is PAIR:
            counted.delete()
        else:
            counted.filter(count__gt=0).update(count=F("count") - 1)


def forget_old_guesses() -> int:
    """Delete counts whose window ended an hour ago; return how many. Safe in any number of copies."""
    count, _ = GuessCount.objects.filter(ends_at__lt=DatabaseNow() - timedelta(hours=1)).delete()
    return count
