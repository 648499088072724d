"""Refuses texts that could reveal what kind of care somebody gets, or that are too long. Reads the rendered text.

Stricter than the list of SMS-40 in two ways: plurals count, and the long stems count inside compounds too
(`northrecovery.org`). Spanish has its own list.
"""

from __future__ import annotations

import re
import unicodedata

from ..segments import measure

PHI = "sms_template_phi"
LINK = "sms_template_link"
TOO_LONG = "sms_too_long"

# Never part of an innocent word, so found anywhere.
_STEMS = (
    "recover|sober|sobrie|addict|relapse|rehab|detox|alcohol|therap|counsel|psych|depress|suicid|diagnos"
    "|suboxone|methadone|buprenorphine|naltrexone|vivitrol"
    "|sobria|sobrio|adiccion|adict[oa]|droga|terap|psicolog|psiquiat|depresi|deprimid|desintoxic|metadona|buprenorfina"
    "|naltrexona|toxicoman|drogodepend|consejer"
)
# Whole words, with their endings where the list has a star.
_WORDS = (
    r"drink\w*|treat\w*|substances?|drugs?|uses?|users?|used|using|slip(?:s|ped)?|iop|php|mental(?:ly)?|peers?|sponsors?"
    r"|meetings?|aa|na|groups?|clinics?|clinical|patients?|medications?|doses?|phq|gad|audit|probation|courts?"
    r"|recuperacion|sustancias?|tratamientos?|clinicas?|pacientes?|medicamentos?|dosis|grupos?|reunion(?:es)?"
    r"|beb(?:er|ida|idas|iendo)|tribunal(?:es)?|juzgados?|corte|libertad condicional|recaidas?|recaer|padrinos?"
    r"|madrinas?|medicacion|consum(?:o|ir|e|es)|tratar(?:se|te|le)?|a\.a|n\.a|12[\s-]?steps?|12 pasos"
)
_REVEALING = re.compile(rf"(?:{_STEMS})|\b(?:{_WORDS})\b")

# A phone makes a link of anything that looks like a host; the address of the help desk is not one.
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.[a-z]{2,}\b", re.IGNORECASE)


def lint(text: str) -> str | None:
    """Return the code for which this rendered text must not be sent, or None (SMS-05, 40, 41, 50)."""
    plain = _plain(text)
    if _REVEALING.search(plain):
        return PHI
    if _LINK.search(_EMAIL.sub(" ", plain)):
        return LINK
    size = measure(text)
    return None if size.count == 1 and size.encoding == "gsm7" else TOO_LONG


def _plain(text: str) -> str:
    """Undo what hides a word from a pattern and not from a reader: width, case, accents, invisible characters."""
    marks = unicodedata.normalize("NFKD", text)
    return "".join(m for m in marks if unicodedata.category(m) not in {"Mn", "Cf"}).casefold()
