"""Addresses of notices to staff."""

from django.urls import path

from . import views

urlpatterns = [
    path("notice-preferences/", views.PreferenceView.as_view(), name="notice-preferences"),
    path("notice-mails/", views.MailsView.as_view(), name="notice-mails"),
]
