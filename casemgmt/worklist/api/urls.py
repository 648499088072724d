"""Addresses of the worklist."""

from django.urls import path

from . import views

urlpatterns = [
    path("work-items/", views.WorkItemsView.as_view(), name="work-items"),
    path("work-items/mine/", views.MyWorkView.as_view(), name="my-work"),
    path("work-items/my-teams/", views.MyTeamsWorkView.as_view(), name="my-teams-work"),
    path("work-items/<uuid:pk>/", views.WorkItemView.as_view(), name="work-item"),
    path("work-items/<uuid:pk>/assign/", views.WorkItemAssignView.as_view(), name="work-item-assign"),
    path("work-items/<uuid:pk>/done/", views.WorkItemDoneView.as_view(), name="work-item-done"),
    path("work-items/<uuid:pk>/reopen/", views.WorkItemReopenView.as_view(), name="work-item-reopen"),
]
