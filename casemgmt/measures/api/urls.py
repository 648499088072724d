"""Addresses of measures."""

from django.urls import path

from . import catalog, views

urlpatterns = [
    path("measures/instruments/", catalog.InstrumentsView.as_view(), name="measure-instruments"),
    path("measures/licenses/", catalog.LicenseAcceptancesView.as_view(), name="measure-licenses"),
    path("measures/texts/", catalog.TextsView.as_view(), name="measure-texts"),
    path("measures/trend/", views.TrendView.as_view(), name="measure-trend"),
    path("measures/outcomes/", views.OutcomesView.as_view(), name="measure-outcomes"),
    path("measures/responses/", views.ResponsesView.as_view(), name="measure-responses"),
    path("measures/responses/<uuid:pk>/", views.ResponseView.as_view(), name="measure-response"),
    path("measures/responses/<uuid:pk>/amendments/", views.AmendmentsView.as_view(), name="measure-amendments"),
]
