"""Secrets that we must be able to read again, encrypted by a key that is not in the database."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def _keys() -> MultiFernet:
    """Return the keys made of SECRET_KEY and, while it is being replaced, of SECRET_KEY_FALLBACKS."""
    made = [
        salted_hmac("casemgmt.accounts.sealed_secrets", "", secret=each, algorithm="sha256").digest()
        for each in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in made])


def sealed(secret: str) -> str:
    """Return a secret as it may be stored."""
    return _keys().encrypt(secret.encode()).decode()


def opened(stored: str) -> str:
    """Return the secret again; raise cryptography's InvalidToken when no key of ours sealed it."""
    return _keys().decrypt(stored.encode()).decode()


def is_readable(stored: str) -> bool:
    """True when a key of ours sealed it."""
    try:
        opened(stored)
    except InvalidToken:
        return False
    return True


def sealed_anew(stored: str) -> str:
    """Return the same secret sealed by the newest key."""
    return _keys().rotate(stored.encode()).decode()
