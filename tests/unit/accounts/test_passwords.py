"""What everybody tries is refused, offline; a phrase of one's own is taken in any script (6.2, HIP-03)."""

from __future__ import annotations

import pytest

from casemgmt.accounts.models import User
from casemgmt.accounts.passwords import is_known, normal, require_strong
from casemgmt.kernel.errors import Invalid

NORA = User(email="nora.quist@northhouse.example", name="Nora Quist")
KNOWN = [
    "passwordpassword",
    "Password-Password!",
    "iloveyou12345678",
    "qwertyuiop123456",
    "1qaz2wsx3edc4rfv5tgb" * 2,
    "aaaaaaaaaaaaaaaaaaaa",
    "zyxabczyxabczyxabc",
    "abcdefghijklmnopqrst",
    "welcome.monkey.dragon",
]
ABOUT = [
    "NoraQuist-2026-11-23!",
    "Northhouse-1234-5678!",
    "Harbor.Light.2026.!!",
    "casemgmt-recovery-01!",
    "quist.nora.harbor.77!",
]
GOOD = [
    "correct horse battery staple",
    "three blind mice at the harbor door",
    "Wir fahren morgen nach Köln",
    "雪が降る朝に静かな町を歩いて帰る人",
    "fG7#kkPz!vq29rTw",
    "8f92-1c77-4b3e-9d21",
]


@pytest.mark.parametrize("password", KNOWN)
def test_what_everybody_tries_is_known(password) -> None:
    assert is_known(normal(password))


@pytest.mark.parametrize("password", [*KNOWN, *ABOUT, "fourteen chars", "ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ"])
def test_it_is_refused_and_so_is_what_is_about_oneself(password) -> None:
    with pytest.raises(Invalid) as refused:
        require_strong(password, user=NORA, about=["Harbor Light"])

    assert list(refused.value.extra["fields"]) == ["password"]
    assert password not in str(refused.value.extra)


@pytest.mark.parametrize("password", GOOD)
def test_a_phrase_of_ones_own_is_taken(password) -> None:
    assert require_strong(password, user=NORA, about=["Harbor Light"]) == normal(password)


def test_one_password_has_one_form() -> None:
    """The same word typed with a composed and with a combining letter, and in wide letters."""
    assert normal("Köln") == normal("Ko\u0308ln") == normal("Ｋöln")
