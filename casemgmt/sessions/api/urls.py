"""Addresses of sessions, attendances and series."""

from django.urls import path

from . import attendance, series, sessions

urlpatterns = [
    path("sessions/", sessions.SessionsView.as_view(), name="sessions"),
    path("sessions/<uuid:pk>/", sessions.SessionView.as_view(), name="session"),
    path("sessions/<uuid:pk>/transitions/", sessions.SessionTransitionsView.as_view(), name="session-transitions"),
    path("sessions/<uuid:pk>/attendances/", attendance.SessionAttendancesView.as_view(), name="session-attendances"),
    path("attendances/", attendance.AttendancesView.as_view(), name="attendances"),
    path("attendances/<uuid:pk>/", attendance.AttendanceView.as_view(), name="attendance"),
    path("attendances/<uuid:pk>/moves/", attendance.AttendanceMovesView.as_view(), name="attendance-moves"),
    path("series/", series.SeriesListView.as_view(), name="series-list"),
    path("series/<uuid:pk>/", series.SeriesView.as_view(), name="series"),
    path("series/<uuid:pk>/continuations/", series.SeriesContinuationsView.as_view(), name="series-continuations"),
    path("series/<uuid:pk>/end/", series.SeriesEndView.as_view(), name="series-end"),
    path("series/<uuid:pk>/members/", series.SeriesMembersView.as_view(), name="series-members"),
    path("series/<uuid:pk>/departures/", series.SeriesDeparturesView.as_view(), name="series-departures"),
]
