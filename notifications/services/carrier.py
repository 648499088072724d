"""Which carrier we speak to: the one place that turns settings into a gateway."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from notifications.gateways import Gateway, GatewayConfig, build


def gateway() -> Gateway:
    """Return this process's gateway for the settings in force; the same one while they stay the same."""
    config = GatewayConfig(
        account_sid=settings.SMS_ACCOUNT_SID,
        auth_token=next(iter(settings.SMS_AUTH_TOKENS), ""),
        from_number=settings.SMS_FROM_NUMBER,
        base_url=settings.SMS_GATEWAY_BASE_URL,
        connect_timeout=settings.SMS_CONNECT_TIMEOUT,
        total_timeout=settings.SMS_TOTAL_TIMEOUT,
    )
    return built(settings.SMS_GATEWAY, config)


@cache
def built(kind: str, config: GatewayConfig) -> Gateway:
    """Return the gateway of a kind and configuration, made on first use and kept for its connections."""
    return build(kind, config)


def callback_url(attempt_id: UUID) -> str:
    """Return where the carrier reports what became of a try; the address names the try and nothing else."""
    return f"{settings.PUBLIC_BASE_URL}{reverse('sms-status', args=[attempt_id])}"
