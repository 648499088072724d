"""Addresses of programs and enrollments."""

from django.urls import path

from . import combinations, directory, enrollments, residences

urlpatterns = [
    path("programs/", directory.ProgramsView.as_view(), name="programs"),
    path("programs/<uuid:pk>/", directory.ProgramView.as_view(), name="program"),
    path("enrollments/", enrollments.EnrollmentsView.as_view(), name="enrollments"),
    path("enrollments/<uuid:pk>/", enrollments.EnrollmentView.as_view(), name="enrollment"),
    path(
        "enrollments/<uuid:pk>/transitions/",
        enrollments.EnrollmentTransitionsView.as_view(),
        name="enrollment-transitions",
    ),
    path("enrollments/<uuid:pk>/moves/", enrollments.EnrollmentMovesView.as_view(), name="enrollment-moves"),
    path(
        "enrollments/<uuid:pk>/house-agreements/",
        residences.HouseAgreementsView.as_view(),
        name="house-agreements",
    ),
    path("combinations/", combinations.CombinationsView.as_view(), name="combinations"),
    path("combinations/aside/", combinations.CombinationsAsideView.as_view(), name="combinations-aside"),
    path("combinations/history/", combinations.CombinationHistoryView.as_view(), name="combinations-history"),
]
