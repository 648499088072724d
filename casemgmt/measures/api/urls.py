"""Addresses of measures."""

from django.urls import path

from . import views

urlpatterns = [
    path("measures/instruments/", views.InstrumentsView.as_view(), name="measure-instruments"),
    path("measures/trend/", views.TrendView.as_view(), name="measure-trend"),
    path("measures/responses/", views.ResponsesView.as_view(), name="measure-responses"),
    path("measures/responses/<uuid:pk>/", views.ResponseView.as_view(), name="measure-response"),
    path("measures/responses/<uuid:pk>/amendments/", views.AmendmentsView.as_view(), name="measure-amendments"),
]
