"""Addresses of care teams."""

from django.urls import path

from . import views

urlpatterns = [
    path("clients/<uuid:pk>/care-team/", views.CareTeamView.as_view(), name="care-team"),
    path("care-team-members/<uuid:pk>/", views.MemberView.as_view(), name="care-team-member"),
    path("care-team-members/<uuid:pk>/end/", views.MemberEndView.as_view(), name="care-team-member-end"),
    path("caseload/", views.CaseloadView.as_view(), name="caseload"),
]
