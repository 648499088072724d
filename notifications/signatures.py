"""Whether a webhook was signed by the carrier (SMS-80 to SMS-85). Pure: tokens and the external URL are passed in.

The signature itself is computed by the carrier's official code; which URLs, keys and bodies it is computed over, and
how the result is compared, is decided here: in constant time, and closed whenever something is missing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator

SIGNATURE = "x-twilio-signature"
SETTINGS = "x-twilio-webhooks-signature-settings"

_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[^\]/?#]*\]|[^/?#:\[\]@]+)(?P<port>:\d+)?(?P<rest>[/?#].*)?", re.S
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """One request as it arrived.

    `url` is the address as configured at the carrier, built from the public base setting and never from the Host
    header (SMS-84). `form` holds every parameter of a form POST, untrimmed, each name with all its values; None for
    any other body, which then must be covered by `bodySHA256`.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    form: Mapping[str, Sequence[str]] | None = field(default=None, repr=False)
    body: bytes = field(default=b"", repr=False)


def verify(webhook: Webhook, *, tokens: Iterable[str], shared_keys: Mapping[str, str] | None = None) -> bool:
    """Say whether the carrier signed this request.

    `tokens` are the auth tokens that are valid now, two while one is being replaced (SMS-84); `shared_keys` maps the
    key ids of the newer scheme to their secrets (SMS-83). Empty secrets never verify anything.
    """
    headers = {name.lower(): value for name, value in webhook.headers.items()}
    signature = headers.get(SIGNATURE, "")
    scheme = _scheme(headers.get(SETTINGS, ""), tokens=tokens, shared_keys=shared_keys or {})
    parameters = _signed_parameters(webhook)
    if not signature or scheme is None or parameters is None:
        return False
    algorithm, secrets = scheme
    found = False
    for secret in secrets:
        for url in url_variants(webhook.url):
            expected = _compute(secret, url, parameters, algorithm)
            found |= expected is not None and hmac.compare_digest(expected, signature.encode("utf-8", "replace"))
    return found


def url_variants(url: str) -> tuple[str, ...]:
    """Return the spellings the carrier may have signed: as given, without its port, with the default one (SMS-82)."""
    address = _ADDRESS.fullmatch(url)
    if address is None:
        return ()
    head, rest = f"{address['scheme']}://{address['host']}", address["rest"] or ""
    if address["port"]:
        return url, f"{head}{rest}"
    return url, f"{head}{_DEFAULT_PORTS[address['scheme']]}{rest}"


def _scheme(
    settings: str, *, tokens: Iterable[str], shared_keys: Mapping[str, str]
) -> tuple[str, Sequence[str]] | None:
    """Return the algorithm and the secrets to try, or None when the request names a scheme or key we do not know."""
    named = dict(part.strip().partition("=")[::2] for part in settings.split(",") if part.strip())
    algorithm = named.get("algorithm", HMAC_SHA1).upper()
    if algorithm == HMAC_SHA1:
        secrets: Sequence[str] = [token for token in tokens if token]
    elif algorithm == HMAC_SHA256:
        secret = shared_keys.get(named.get("key", ""), "")
        secrets = [secret] if secret else []
    else:
        return None
    return (algorithm, secrets) if secrets else None


def _signed_parameters(webhook: Webhook) -> _Parameters | None:
    """Return what is signed besides the URL, or None when the body is not covered by the signature."""
    if webhook.method.upper() == "GET":
        return _Parameters({})
    if webhook.form is not None:
        return _Parameters(webhook.form)
    claimed = parse_qs(urlsplit(webhook.url).query).get("bodySHA256", [""])[0]
    actual = hashlib.sha256(webhook.body).hexdigest()
    covered = hmac.compare_digest(actual.encode(), claimed.encode("utf-8", "replace"))
    return _Parameters({}) if covered else None


class _Parameters(Mapping[str, str]):
    """The form as the official code wants it: iterable by name, `getlist` for all values of one."""

    def __init__(self, form: Mapping[str, Sequence[str]]) -> None:
        self._form = form

    def __getitem__(self, name: str) -> str:
        return self._form[name][-1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._form)

    def __len__(self) -> int:
        return len(self._form)

    def getlist(self, name: str) -> list[str]:
        return list(self._form[name])


def _compute(secret: str, url: str, parameters: _Parameters, algorithm: str) -> bytes | None:
    try:
        computed: str = RequestValidator(secret).compute_signature(url, parameters, algorithm)
    except UnicodeEncodeError:  # a lone surrogate: nothing the carrier could have signed
        return None
    return computed.encode()
