"""Addresses of alerts and of the rota."""

from django.urls import path

from .rota import OnCallView, ShiftCancelView, ShiftsView
from .views import AlertNotesView, AlertsView, AlertTransitionsView, AlertView

urlpatterns = [
    path("alerts/", AlertsView.as_view(), name="alerts"),
    path("alerts/<uuid:pk>/", AlertView.as_view(), name="alert"),
    path("alerts/<uuid:pk>/transitions/", AlertTransitionsView.as_view(), name="alert-transitions"),
    path("alerts/<uuid:pk>/notes/", AlertNotesView.as_view(), name="alert-notes"),
    path("on-call/", OnCallView.as_view(), name="on-call"),
    path("on-call-shifts/", ShiftsView.as_view(), name="on-call-shifts"),
    path("on-call-shifts/<uuid:pk>/cancel/", ShiftCancelView.as_view(), name="on-call-shift-cancel"),
]
