"""Addresses of programs, enrollments."""

from django.urls import path

from . import combinations, directory, enrollments, hsds, residences, searching, sites

urlpatterns = [
    path("programs/", directory.ProgramsView.as_view(), name="programs"),
    path("programs/<uuid:pk>/", directory.ProgramView.as_view(), name="program"),
    path("programs/<uuid:pk>/capacity/", directory.CapacityView.as_view(), name="program-capacity"),
    path("programs/<uuid:pk>/hsds/", hsds.ProgramHsdsView.as_view(), name="program-hsds"),
    path("programs/search/", searching.ProgramSearchView.as_view(), name="program-search"),
    path("sites/", sites.SitesView.as_view(), name="sites"),
    path("sites/<uuid:pk>/", sites.SiteView.as_view(), name="site"),
    path("directory/hsds/", hsds.DirectoryHsdsView.as_view(), name="directory-hsds"),
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
