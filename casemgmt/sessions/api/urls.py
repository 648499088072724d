"""Addresses of sessions, attendances and series."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
