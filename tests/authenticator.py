"""A security key in software: it keeps a key pair, counts, and signs what a page asks it to sign (WebAuthn)."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

ORIGIN = "https://testserver"
TOUCHED = AuthenticatorData.FLAG.UP


class SecurityKey:
    """Answers options of the API as a browser would that stands on `origin`."""

    def __init__(self, origin: str = ORIGIN) -> None:
        self.origin = origin
        self.counter = 0
        self.credential_id = secrets.token_bytes(32)
        self.private = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: dict[str, Any], **forged: str) -> dict[str, Any]:
        """Return what `navigator.credentials.create()` gives, as JSON."""
        public = ES256.from_cryptography_key(self.private.public_key())
        made = AttestedCredentialData.create(b"\0" * 16, self.credential_id, public)
        data = AuthenticatorData.create(_hash(options["rp"]["id"]), TOUCHED | 0x40, self.counter, made)
        attested = AttestationObject.create("none", data, {})
        said = self._said("webauthn.create", options, forged)
        return self._answer(clientDataJSON=said, attestationObject=bytes(attested))

    def get(self, options: dict[str, Any], **forged: str) -> dict[str, Any]:
        """Return what `navigator.credentials.get()` gives, as JSON."""
        self.counter += 1
        data = AuthenticatorData.create(_hash(options["rpId"]), TOUCHED, self.counter)
        said = self._said("webauthn.get", options, forged)
        signature = self.private.sign(bytes(data) + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=said, authenticatorData=bytes(data), signature=signature)

    def _said(self, kind: str, options: dict[str, Any], forged: dict[str, str]) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin, **forged}
        return json.dumps(told).encode()

    def _answer(self, **response: bytes) -> dict[str, Any]:
        name = websafe_encode(self.credential_id)
        told = {key: websafe_encode(value) for key, value in response.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": told, "clientExtensionResults": {}}


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
