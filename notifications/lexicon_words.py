"""The words of the lexicon, English and Spanish, without accents and in lower case. A change is a new VERSION.

Crisis terms are in casemgmt.safety.lexicon (SMS-61); a change there is a new VERSION here as well. Every pattern is a
plain alternation of words, so that matching stays linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

VERSION = "3"

# Exactly these, as the whole message (SMS-20).
_EXACT_OPT_OUT = (
    "stop|stopall|stop all|unsubscribe|cancel|end|quit|revoke|optout|opt out|opt-out|remove|parar|alto|no mas"
)
OPT_OUT = frozenset(_EXACT_OPT_OUT.split("|"))
OPT_IN = frozenset({"start", "unstop"})  # (SMS-23)
BARE_YES = "yes"
# Exactly these, as the whole message, with the days or without (CHK-09).
PAUSE = re.compile(r"(?:pause|pausa)(?: (7|14|30)(?: (?:days|dias))?)?")
RESUME = frozenset({"resume", "unpause", "seguir", "reanudar"})
HELP = frozenset({"help", "info", "ayuda"})

# A message, or one clause of it, of nothing but keywords, their typos and courtesies: "please stop", "stop texts now".
_KEYWORD = (
    r"st[oi]+p+|stopall|sotp|unsubscribe|unsub|cancel|quit|revoke|opt ?out|remove|parar|alto|basta|cancelar|detener"
)
_COURTESY = (
    "please|pls|plz|now|it|this|these|all|me|everything|already|thanks|thank|you|ok|okay|just|hey|hi|hello|can|could"
    "|1|2|3|but|and|good|fine|meh|pero|y|bien|regular"  # an answer beside it: "3 but stop"
    "|would|will|i|said|no|texts?|txts?|messages?|msgs?|the|from|us|por|favor|ya|mensajes?|textos?|los|todo|gracias"
)
OPT_OUT_WORD = re.compile(rf"\b(?:{_KEYWORD})\b")
WHOLE_OPT_OUT = re.compile(rf"(?:(?:{_KEYWORD}|{_COURTESY})(?: |$))+")

_MESSAGE = r"(?:texts?|txts?|messages?|msgs?|sms)"
_TO_TEXT = r"(?:texting|txting|messaging|sending|contacting|writing|bothering)"
_NOT = r"(?:don'?t|do not|quit|no longer)"  # not "never": "you never text me" asks for more

_STRANGER = r"wrong (?:number|person)|not my (?:number|phone)|numero equivocado"
WRONG_NUMBER = re.compile(rf"\b(?:{_STRANGER})\b")  # somebody else has the number now (SMS-03, SMS-21)

# Anywhere in the message (SMS-21). "don't leave me alone" asks for the opposite.
OPT_OUT_PHRASE = re.compile(
    r"\b(?:"
    rf"(?:stop|quit|no more|enough) (?:{_TO_TEXT}|(?:the |these |all )?{_MESSAGE})"
    rf"|{_NOT} (?:ever )?(?:text|txt|message|msg|contact)"
    rf"|{_NOT} want (?:to (?:get|receive) )?(?:any |any more |anymore |more |these |those |your |the )?{_MESSAGE}"
    rf"|(?:cancel|end) (?:the |these |all )?{_MESSAGE}"
    r"|never (?:ever )?(?:text|message|contact) me again"
    r"|take me off|(?:remove|lose|delete) (?:me|my number)|unsubscribe|opt (?:me )?out|revoke my consent"
    rf"|{_STRANGER}"
    r"|(?<!don't )(?<!dont )(?<!not )(?<!never )leave me alone"
    r"|no me (?:mande[ns]?|escriba[ns]?|envie[ns]?|textee[ns]?)"
    r"|(?:no mas|no quiero|no quiero mas) (?:mensajes|textos)"
    r"|(?:deja|deje|dejen|paren) de (?:mandar|escribir|enviar|textear)(?:me)?"
    r"|deje(?:me|nme) en paz|dejame en paz|quit[ae]n?me de la lista"
    r")\b"
)

DIGITS: Mapping[str, int] = {"1": 1, "2": 2, "3": 3}
_ANSWER_WORDS = {
    1: "good|ok|okay|fine|bien|one|uno",
    2: "so so|meh|regular|mas o menos|asi asi|two|dos",
    3: "call|call me|please call|please call me|help me|llamame|llameme|que me llamen|ayudame|ayudeme|three|tres",
}
ANSWERS: Mapping[str, int] = {word: answer for answer, said in _ANSWER_WORDS.items() for word in said.split("|")}
