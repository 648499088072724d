"""Addresses of check-ins and texts."""

from django.urls import path

from . import conversations, plans, texts, wordings

urlpatterns = [
    path("check-in-plans/", plans.CheckInPlansView.as_view(), name="check-in-plans"),
    path("check-in-plans/<uuid:pk>/", plans.CheckInPlanView.as_view(), name="check-in-plan"),
    path("check-in-plans/<uuid:pk>/coming/", plans.ComingCheckInsView.as_view(), name="check-in-plan-coming"),
    path("check-in-plans/previews/", plans.CheckInPlanPreviewsView.as_view(), name="check-in-plan-previews"),
    path("check-in-preferences/", plans.PreferencesView.as_view(), name="check-in-preferences"),
    path("check-in-silences/", plans.SilencesView.as_view(), name="check-in-silences"),
    path("check-ins/", plans.CheckInsView.as_view(), name="check-ins"),
    path("messages/", texts.MessagesView.as_view(), name="messages"),
    path("inbound-texts/", texts.InboundTextsView.as_view(), name="inbound-texts"),
    path("inbound-texts/<uuid:pk>/", texts.InboundTextView.as_view(), name="inbound-text"),
    path("texting-consents/", texts.TextingConsentsView.as_view(), name="texting-consents"),
    path("texting-consents/<uuid:pk>/review/", texts.OptOutReviewView.as_view(), name="texting-consent-review"),
    path("texting-disclosure/", texts.TextingDisclosureView.as_view(), name="texting-disclosure"),
    path(
        "texting-consents/<uuid:pk>/events/",
        texts.TextingConsentEventsView.as_view(),
        name="texting-consent-events",
    ),
    path("conversations/", conversations.ConversationsView.as_view(), name="conversations"),
    path("conversations/<uuid:pk>/", conversations.ConversationView.as_view(), name="conversation"),
    path("conversations/<uuid:pk>/readings/", conversations.ReadingsView.as_view(), name="conversation-readings"),
    path("conversations/<uuid:pk>/texts/", conversations.StaffTextsView.as_view(), name="conversation-texts"),
    path("wordings/", wordings.WordingsView.as_view(), name="wordings"),
    path("wordings/preview/", wordings.WordingPreviewView.as_view(), name="wording-preview"),
    path("wordings/<uuid:pk>/approvals/", wordings.WordingApprovalView.as_view(), name="wording-approvals"),
    path("wordings/<uuid:pk>/end/", wordings.WordingEndView.as_view(), name="wording-end"),
]
