"""What a language tag is (BCP 47). Pure."""

from __future__ import annotations

import re

TAG = re.compile(r"([A-Za-z]{2,3})((?:-[A-Za-z0-9]{2,8})*)")
LONGEST = 35

# Names in words and three-letter codes that systems send instead of a tag. Not a list of languages that we speak.
NAMES = {
    "english": "en", "eng": "en",
    "spanish": "es", "spa": "es", "español": "es",
    "french": "fr", "fra": "fr",
    "german": "de", "deu": "de",
    "polish": "pl", "pol": "pl",
    "portuguese": "pt", "por": "pt",
    "russian": "ru", "rus": "ru",
    "chinese": "zh", "zho": "zh",
    "vietnamese": "vi", "vie": "vi",
    "korean": "ko", "kor": "ko",
    "arabic": "ar", "ara": "ar",
    "tagalog": "tl", "tgl": "tl",
    "urdu": "ur", "urd": "ur",
}  # fmt: skip


def to_tag(text: str) -> str | None:
    """Return `text` as a language tag (`en`, `es-MX`), or None when it is none; names of languages are translated."""
    text = text.strip().replace("_", "-")
    if (known := NAMES.get(text.lower())) is not None:
        return known
    found = TAG.fullmatch(text)
    if found is None or len(text) > LONGEST:
        return None
    primary, rest = found.groups()
    parts = [part.upper() if len(part) == 2 else part for part in rest.split("-")[1:]]
    return "-".join([primary.lower(), *parts])
