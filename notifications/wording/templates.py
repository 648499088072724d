"""The templates, by key and language (rules.md 2.4). A changed text is a new row with the next version.

Each fits one GSM-7 segment with the alias CareLine. Spanish avoids the accents that GSM-7 lacks (a, i, o, u acute).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

OWN = "own"  # before the number of a wording of an organization's


class Key(StrEnum):
    """What a text is for."""

    OPTIN_REQUEST = "optin_request"  # asks for the YES that must come before anything else (SMS-04)
    OPTIN_CONFIRM = "optin_confirm"  # after YES or START
    CHECKIN = "checkin"
    REMINDER = "reminder"  # once, a day after an unanswered check-in
    APPOINTMENT = "appointment"
    STOP_CONFIRM = "stop_confirm"  # the single confirmation of an opt-out (SMS-24)
    HELP = "help"
    UNPARSED = "unparsed"  # a human will read what the client wrote (CHK-05)
    CRISIS_PAGED = "crisis_paged"  # at once after a text that sounds like danger (SMS-62)
    PAUSED = "paused"  # the client asked for a pause by text (CHK-09)
    RESUMED = "resumed"  # and ended it
    AFTER_HOURS = "after_hours"  # somebody will call, but nobody is at work now (CHK-07)


class Language(StrEnum):
    """Languages of the templates. What has no Spanish wording yet is sent in English."""

    ENGLISH = "en"
    SPANISH = "es"


@dataclass(frozen=True)
class Template:
    """One wording that was, or is, in use."""

    key: Key
    language: Language
    number: int
    text: str
    own: bool = False  # an organization's, numbered by itself

    @property
    def version(self) -> str:
        """Return the name stored with each message: key, language and number."""
        return f"{self.key}.{self.language}.{OWN if self.own else ''}{self.number}"


def _first(language: Language, texts: dict[Key, str]) -> Iterable[Template]:
    for key, text in texts.items():
        yield Template(key, language, 1, text)


_ENGLISH = {
    Key.OPTIN_REQUEST: "{alias}: Reply YES to get short check-in texts (up to 3/week). Msg & data rates may apply. "
    "Reply HELP for help, STOP to end.",
    Key.OPTIN_CONFIRM: "{alias}: You're signed up for check-in texts, up to 3/week. Msg & data rates may apply. "
    "Not monitored 24/7. HELP for help, STOP to end.",
    Key.CHECKIN: "{alias}: How are you today? Reply 1 good, 2 so-so, 3 please call me. Not monitored 24/7; "
    "emergency call 911. STOP to end.",
    Key.REMINDER: "{alias}: Just checking in again. Reply 1 good, 2 so-so, 3 please call me. STOP to end.",
    Key.APPOINTMENT: "{alias}: Reminder, you have a visit {date} at {time}. Reply C to confirm or call {phone}. "
    "STOP to end.",
    Key.STOP_CONFIRM: "{alias}: You won't get any more texts from us. To start again, reply START. "
    "For help call {phone}.",
    Key.HELP: "{alias}: For help call {phone} or email {email}. Up to 3 msgs/week. Msg & data rates may apply. "
    "STOP to end. Emergency: 911.",
    Key.UNPARSED: "{alias}: Thanks, a team member will read this next business day. Need someone now? Call {phone}. "
    "Emergency: 911 or 988.",
    Key.CRISIS_PAGED: "We got your message and are contacting on-call staff now. If you are in danger call 911. "
    "You can also call or text 988 any time, day or night.",
    Key.PAUSED: "{alias}: OK, no check-in texts until {date}. Reply RESUME to go on before. Need us? Call {phone}. "
    "STOP to end all texts.",
    Key.RESUMED: "{alias}: OK, check-in texts go on. Reply PAUSE for a break of a week, STOP to end.",
    Key.AFTER_HOURS: "{alias}: Thanks. We are closed now and will get in touch when we open. "
    "Need someone now? Call {phone}. Emergency: 911 or 988.",
}

_SPANISH = {
    Key.OPTIN_REQUEST: "{alias}: Responda YES para recibir textos breves (hasta 3 por semana). Pueden aplicar tarifas. "
    "AYUDA para ayuda, STOP para terminar.",
    Key.OPTIN_CONFIRM: "{alias}: Ya recibe nuestros textos, hasta 3 por semana. Pueden aplicar tarifas. "
    "No se atiende 24/7. AYUDA para ayuda, STOP para terminar.",
    Key.REMINDER: "{alias}: Le escribimos otra vez. Responda 1 bien, 2 regular, 3 que me llamen. STOP para terminar.",
    Key.APPOINTMENT: "{alias}: Recordatorio: tiene una cita el {date} a las {time}. Responda C para confirmar "
    "o llame al {phone}. STOP para terminar.",
    Key.PAUSED: "{alias}: De acuerdo, sin textos hasta el {date}. Responda SEGUIR para volver antes. Ayuda: {phone}. "
    "STOP para terminar.",
    Key.RESUMED: "{alias}: De acuerdo, siguen los textos. Responda PAUSA para descansar una semana, "
    "STOP para terminar.",
    Key.CHECKIN: "{alias}: ¿Qué tal hoy? Responda 1 bien, 2 regular, 3 que me llamen. No se atiende 24/7; "
    "en emergencia llame al 911. STOP para terminar.",
    Key.STOP_CONFIRM: "{alias}: Ya no le enviaremos textos. Para volver, responda START. Para ayuda llame al {phone}.",
    Key.HELP: "{alias}: Ayuda: {phone} o {email}. Hasta 3 textos por semana. Pueden aplicar tarifas. "
    "STOP para terminar. Emergencia: 911.",
    Key.UNPARSED: "{alias}: Gracias. El equipo lee esto en horas de oficina. ¿Necesita hablar ya? Llame al {phone}. "
    "Emergencia: 911 o 988.",
    Key.CRISIS_PAGED: "Leemos su mensaje y avisamos ya al personal de guardia. Si hay peligro llame al 911. "
    "Puede llamar o textear al 988 a toda hora.",
    Key.AFTER_HOURS: "{alias}: Gracias. Ahora no hay nadie; le llamaremos al abrir. "
    "¿Necesita hablar ya? Llame al {phone}. Emergencia: 911 o 988.",
}

TEMPLATES: tuple[Template, ...] = (*_first(Language.ENGLISH, _ENGLISH), *_first(Language.SPANISH, _SPANISH))


def choose(key: Key, asked: Language, own: Sequence[Template]) -> Template:
    """Return what a text is worded by: the organization's in the language, ours in it, then the same in English.

    The client's language counts for more than whose words they are. `own` holds at most one of each language.
    """
    for language in dict.fromkeys((asked, Language.ENGLISH)):
        for template in (*own, *_ours(key, language)):
            if (template.key, template.language) == (key, language):
                return template
    return current(key, Language.ENGLISH)


def named(version: str) -> Template | None:
    """Return a wording of the set that comes with the software, approved with its release; None: not one of it."""
    return next((template for template in TEMPLATES if template.version == version), None)


def _ours(key: Key, language: Language) -> Sequence[Template]:
    found = [template for template in TEMPLATES if template.key == key and template.language == language]
    return sorted(found, key=lambda template: template.number, reverse=True)


def current(key: Key, language: Language) -> Template:
    """Return the newest wording in that language, or in English where there is none."""
    return next(iter(_ours(key, language)), None) or current(key, Language.ENGLISH)
