"""Addresses that the carrier calls, outside the API: no session, no token, a signature."""

from django.urls import path

from . import webhooks

urlpatterns = [
    path("inbound/", webhooks.inbound, name="sms-inbound"),
    path("status/<uuid:attempt_id>/", webhooks.status, name="sms-status"),
]
