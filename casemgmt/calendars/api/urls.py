"""Addresses of business calendars."""

from django.urls import path

from .views import CalendarView, ClosuresView, WeeksView

urlpatterns = [
    path("business-calendar/", CalendarView.as_view(), name="business-calendar"),
    path("business-calendar/weeks/", WeeksView.as_view(), name="business-weeks"),
    path("business-calendar/closures/", ClosuresView.as_view(), name="business-closures"),
]
