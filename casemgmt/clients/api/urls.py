"""Addresses of clients."""

from django.urls import path

from . import views

urlpatterns = [
    path("clients/", views.ClientsView.as_view(), name="clients"),
    path("clients/<uuid:pk>/", views.ClientView.as_view(), name="client"),
    path("clients/<uuid:pk>/death/", views.DeathView.as_view(), name="client-death"),
    path("clients/<uuid:pk>/contact-points/", views.ContactPointsView.as_view(), name="contact-points"),
    path("clients/<uuid:pk>/contact-points/<uuid:point>/", views.ContactPointView.as_view(), name="contact-point"),
]
