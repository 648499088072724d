"""Addresses of clients."""

from django.urls import path

from . import restricted, views
from .access_log import AccessLogView

urlpatterns = [
    path("clients/", views.ClientsView.as_view(), name="clients"),
    path("clients/<uuid:pk>/", views.ClientView.as_view(), name="client"),
    path("clients/<uuid:pk>/death/", views.DeathView.as_view(), name="client-death"),
    path("clients/<uuid:pk>/restriction/", restricted.ClientRestrictionView.as_view(), name="client-restriction"),
    path("clients/<uuid:pk>/access-log/", AccessLogView.as_view(), name="client-access-log"),
    path("restrictions/", restricted.RestrictionsView.as_view(), name="restrictions"),
    path("restrictions/<uuid:pk>/lift/", restricted.LiftView.as_view(), name="restriction-lift"),
    path("break-glass/", restricted.BreakGlassesView.as_view(), name="break-glasses"),
    path("break-glass/<uuid:pk>/", restricted.BreakGlassView.as_view(), name="break-glass"),
    path("break-glass/<uuid:pk>/end/", restricted.BreakGlassEndView.as_view(), name="break-glass-end"),
    path("break-glass/<uuid:pk>/review/", restricted.BreakGlassReviewView.as_view(), name="break-glass-review"),
    path("clients/<uuid:pk>/contact-points/", views.ContactPointsView.as_view(), name="contact-points"),
    path("clients/<uuid:pk>/contact-points/<uuid:point>/", views.ContactPointView.as_view(), name="contact-point"),
]
