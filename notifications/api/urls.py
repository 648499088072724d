"""Addresses of check-ins and texts."""

from django.urls import path

from . import plans, texts

urlpatterns = [
    path("check-in-plans/", plans.CheckInPlansView.as_view(), name="check-in-plans"),
    path("check-in-plans/<uuid:pk>/", plans.CheckInPlanView.as_view(), name="check-in-plan"),
    path("check-ins/", plans.CheckInsView.as_view(), name="check-ins"),
    path("messages/", texts.MessagesView.as_view(), name="messages"),
    path("inbound-texts/", texts.InboundTextsView.as_view(), name="inbound-texts"),
    path("inbound-texts/<uuid:pk>/", texts.InboundTextView.as_view(), name="inbound-text"),
    path("texting-consents/", texts.TextingConsentsView.as_view(), name="texting-consents"),
    path("texting-consents/<uuid:pk>/review/", texts.OptOutReviewView.as_view(), name="texting-consent-review"),
    path(
        "texting-consents/<uuid:pk>/events/",
        texts.TextingConsentEventsView.as_view(),
        name="texting-consent-events",
    ),
]
