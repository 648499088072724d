"""Consents that are whole, and what a request for one looks like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.consent.disclosures import NewDisclosure
from casemgmt.consent.elements import Form
from casemgmt.consent.models import Consent, NoticeDelivery, RestrictionRequest
from casemgmt.consent.permits import Wish
from casemgmt.consent.words import ConsentStatus
from casemgmt.kernel import clock

CATEGORIES = ("identity", "contact", "reason", "level_of_care", "risk_level")


def form(*, at: datetime, recipients: Iterable[Organization] = (), **fields: Any) -> Form:
    """Return a whole consent to disclose to named recipients for treatment, signed an hour before `at`."""
    whole = Form(
        type="named_recipient",
        client_name="Ada Example",
        discloser="North",
        recipient_ids=tuple(each.id for each in recipients),
        info_categories=CATEGORIES,
        info_description="Who I am, how to reach me, and why I am referred",
        purposes=("treatment",),
        expires_at=at + timedelta(days=365),
        revocation_instructions="In writing to North.",
        hipaa_redisclosure_statement_included=True,
        signer_name="Ada Example",
        signer_relationship="self",
        signed_at=at - timedelta(hours=1),
        signature_method="paper",
    )
    return replace(whole, **fields)


def consent(client: Client, *, recipients: Iterable[Organization] = (), **fields: Any) -> Consent:
    """Return a consent in force between a client and its organization."""
    whole = form(at=clock.now(), recipients=recipients, **fields)
    return Consent.objects.create(
        client=client, organization=client.organization, status=ConsentStatus.ACTIVE, **asdict(whole)
    )


def treatment_consent(client: Client) -> Consent:
    """Return a consent to receive service (G3)."""
    return consent(client, type="treatment", info_categories=(), purposes=(), expires_at=None)


def notice(client: Client) -> NoticeDelivery:
    """Return a delivery of the Part 2 notice (G2)."""
    return NoticeDelivery.objects.create(
        client=client,
        organization=client.organization,
        notice_version="2026-02",
        method="in_person",
        delivered_at=clock.now(),
        actor_kind="staff",
    )


def request(client: Client, *recipients: Organization, **fields: Any) -> dict[str, Any]:
    """Return the body of POST /consents/ for a whole consent."""
    told = asdict(form(at=clock.now(), recipients=recipients))
    body = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in told.items()
        if value not in (None, (), "")
    }
    body |= {"client": str(client.id), "recipient_ids": [str(each.id) for each in recipients]}
    return body | fields


EMERGENCY = {
    "recipient_kind": "emergency_department",
    "categories": ["identity", "medications"],
    "told": {"medications": "Methadone 80 mg daily"},
    "personnel_name": "Dr. Rosa Lind",
    "facility": "St. Mary's Emergency Department",
    "discloser_name": "Nora Case",
    "disclosed_at": "2026-01-02T03:04:00Z",
    "nature": "Unconscious, not breathing.",
}


def spoken(recipient: Organization, **changes: Any) -> dict[str, Any]:
    """Return the body of a disclosure by word of mouth to an organization."""
    said = {
        "recipient": str(recipient.id),
        "recipient_class": "treating_provider",
        "recipient_name": "Sam Intake, by telephone",
        "categories": ["identity", "reason"],
        "purpose": "treatment",
        "description": "Who is coming on Monday, and why.",
    }
    return said | changes


def leaving(under: Consent, recipient: Organization) -> NewDisclosure:
    """Return what says that a client is coming, to be written into the ledger under a consent."""
    wish = Wish(
        client_id=under.client_id,
        discloser_id=under.organization_id,
        recipient_id=recipient.id,
        recipient_class="treating_provider",
        categories=frozenset({"identity"}),
        purpose="treatment",
    )
    return NewDisclosure(
        wish=wish,
        consent_id=under.id,
        recipient_name=recipient.name,
        categories=("identity",),
        description="Who is coming.",
        packet_sha256="0" * 64,
    )


def restricted(client: Client, **fields: Any) -> RestrictionRequest:
    """Return a restriction that the client's organization agreed to a minute ago."""
    at = clock.now() - timedelta(minutes=1)
    told = {
        "kind": "ordinary",
        "scope": "Not this.",
        "categories": ["reason"],
        "decision": "agreed",
        "decided_at": at,
        "effective_from": at,
        "organization": client.organization,
    }
    return RestrictionRequest.objects.create(client=client, **told | fields)
