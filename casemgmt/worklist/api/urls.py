"""Addresses of the worklist."""

from django.urls import path

from .views import WorkItemDoneView, WorkItemsView, WorkItemView

urlpatterns = [
    path("work-items/", WorkItemsView.as_view(), name="work-items"),
    path("work-items/<uuid:pk>/", WorkItemView.as_view(), name="work-item"),
    path("work-items/<uuid:pk>/done/", WorkItemDoneView.as_view(), name="work-item-done"),
]
