"""What clients are shown before they agree to texts (SMS-02): the words of a version, and those of now to read out."""

from __future__ import annotations

from django.conf import settings

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import PROPOSERS
from casemgmt.clients.services import require_role
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Refused
from notifications.disclosures import CURRENT, disclosure

NAMELESS = "The organization has no neutral name for texts yet."


def words_shown(version: str, *, alias: str) -> str | None:
    """Return what a client of `alias` reads before agreeing, by version; None for an unknown one."""
    return disclosure(version, alias=alias, privacy=settings.TEXTING_PRIVACY_URL, terms=settings.TEXTING_TERMS_URL)


def words_to_show(actor: Actor) -> tuple[str, str]:
    """Return the version of now and what a client of the actor's organization is to read before agreeing.

    Raises NotPermitted, Refused `sms_alias_missing`.
    """
    require_role(actor, PROPOSERS)
    mine = (
        Organization.objects.filter(pk=actor.organization_id) if actor.organization_id else Organization.objects.none()
    )
    alias = mine.values_list("sms_alias", flat=True).first()
    if not alias:
        raise Refused(NAMELESS, code="sms_alias_missing")
    return CURRENT, words_shown(CURRENT, alias=alias) or ""
