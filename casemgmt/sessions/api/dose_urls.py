"""Addresses of the dose."""

from django.urls import path

from . import dose

urlpatterns = [
    path("enrollments/<uuid:pk>/dose/", dose.EnrollmentDoseView.as_view(), name="enrollment-dose"),
    path("clients/<uuid:pk>/dose/", dose.ClientDoseView.as_view(), name="client-dose"),
]
