"""The accounting of disclosures as the client gets it (P2-56): what JSON and PDF are both made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from casemgmt.consent.models import Disclosure
from casemgmt.consent.notices import LABELS, SECURITY, statement
from casemgmt.consent.words import Basis

from .models import AccountingRequest, EmergencyDisclosure
from .rules.periods import reach

BASIS = "Patient access: given to the client at the client's request (42 CFR 2.23 and 2.25, 45 CFR 164.528)."


def report_of(request: AccountingRequest) -> dict[str, Any]:
    """Return the whole report of a request; JSON values only. Three queries beside the request's own.

    What the client was given themselves is no part of it (45 CFR 164.528(a)(1)).
    """
    zone = ZoneInfo(request.organization.timezone)
    reaches = reach(received_at=request.received_at, period_from=request.period_from, period_to=request.period_to)
    by_consent = Q(basis=Basis.CONSENT, at__gte=reaches.consent_from)
    others = ~Q(basis__in=[Basis.CONSENT, Basis.PATIENT_ACCESS]) & Q(at__gte=reaches.others_from)
    own = Disclosure.objects.filter(client_id=request.client_id, organization_id=request.organization_id)
    rows = list(own.filter(by_consent | others, at__lt=reaches.until).order_by("at", "id"))
    emergencies = {each.disclosure_id: each for each in EmergencyDisclosure.objects.filter(disclosure__in=rows)}
    return {
        "request": str(request.id),
        "organization": request.organization.name,
        "client": f"{request.client.given_name} {request.client.family_name}",
        "asked_by": request.requester_name,
        "received_at": _told(request.received_at, zone),
        "consent_from": _told(reaches.consent_from, zone),
        "others_from": _told(reaches.others_from, zone),
        "until": _told(reaches.until, zone),
        "timezone": request.organization.timezone,
        "basis": BASIS,
        "notice": statement(),
        "labels": list(LABELS),
        "meta": {"security": [dict(each) for each in SECURITY]},
        "disclosures": [_line(row, emergencies.get(row.id), zone) for row in rows],
    }


def _line(row: Disclosure, emergency: EmergencyDisclosure | None, zone: ZoneInfo) -> dict[str, Any]:
    """Return what 164.528(b)(2) asks of one disclosure; an emergency names whom and when as its record knows them."""
    return {
        "at": _told(row.at if emergency is None else emergency.disclosed_at or row.at, zone),
        "recipient": row.recipient_name if emergency is None else _who(row, emergency),
        "address": row.recipient_address,
        "description": row.description,
        "categories": sorted(row.categories),
        "purpose": row.purpose,
        "basis": row.basis,
        "method": row.method,
        **({} if emergency is None else {"nature": emergency.nature}),
    }


def _who(row: Disclosure, emergency: EmergencyDisclosure) -> str:
    known = [name for name in (emergency.personnel_name, emergency.facility) if name]
    return ", ".join(known) or row.recipient_name


def _told(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment as the organization's clocks show it, with the offset that tells an hour from its repeat."""
    return at.astimezone(zone).isoformat()
