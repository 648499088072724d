"""Views that somebody may guess at: a guess is counted, for good, before the transaction that judges it begins."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from casemgmt.accounts.guessing import Guess, TooManyGuesses, count_guess
from casemgmt.accounts.origins import Origin, origin
from casemgmt.accounts.services import is_known
from casemgmt.api.addresses import client_address
from casemgmt.api.views import ApiView

KEY_HEADER = "HTTP_IDEMPOTENCY_KEY"


class GuessesSpent(Throttled):
    """429 with Retry-After; the same words whether or not there is such a person."""

    def __init__(self, refusal: TooManyGuesses) -> None:
        super().__init__(detail=refusal.detail)
        self.detail = refusal.detail  # type: ignore[assignment]
        self.wait = refusal.seconds


def origin_of(request: HttpRequest) -> Origin:
    """Return where a request comes from."""
    return origin(address=client_address(request), agent=request.headers.get("User-Agent", ""))


class SecretView(ApiView):
    """A view whose answers hold secrets: they are never kept for a repeated Idempotency-Key."""

    tells_secrets = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Leave the key aside before anybody reads it."""
        request._request.META.pop(KEY_HEADER, None)  # noqa: SLF001 - DRF reads its headers from here
        request._request.__dict__.pop("headers", None)  # noqa: SLF001 - and Django remembers them
        super().initial(request, *args, **kwargs)


class GuessedView(SecretView):
    """A view whose POST judges something that can be guessed."""

    guess: Guess

    def guessed_at(self) -> str:
        """Return whose secret is guessed at, as a login or an id."""
        raise NotImplementedError

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count a POST as a guess; raise GuessesSpent when it was one too many."""
        super().initial(request, *args, **kwargs)
        if request.method != "POST":
            return
        name, where = self.guessed_at(), origin_of(request._request)  # noqa: SLF001
        self.guess = Guess(name, where, known=is_known(email=name, origin=where))
        try:
            count_guess(self.guess)
        except TooManyGuesses as refusal:
            raise GuessesSpent(refusal) from refusal
