"""Addresses of the pathway."""

from django.urls import path

from . import co_signatures, ledger, reentry, views

urlpatterns = [
    path("episodes/", views.EpisodesView.as_view(), name="episodes"),
    path("episodes/<uuid:pk>/", views.EpisodeView.as_view(), name="episode"),
    path("episodes/<uuid:pk>/transitions/", views.EpisodeTransitionsView.as_view(), name="episode-transitions"),
    path("episodes/<uuid:pk>/moves/", ledger.StageMovesView.as_view(), name="episode-moves"),
    path("episodes/<uuid:pk>/stage/", ledger.StageAtView.as_view(), name="episode-stage"),
    path("episodes/<uuid:pk>/corrections/", ledger.CorrectionsView.as_view(), name="episode-corrections"),
    path("episodes/<uuid:pk>/reentry-card/", reentry.ReentryCardView.as_view(), name="episode-reentry-card"),
    path("episodes/<uuid:pk>/proposals/", views.ProposalsView.as_view(), name="episode-proposals"),
    path("proposals/<uuid:pk>/confirmations/", views.ConfirmationsView.as_view(), name="proposal-confirmations"),
    path("proposals/<uuid:pk>/dismissals/", views.DismissalsView.as_view(), name="proposal-dismissals"),
    path("co-signatures/", co_signatures.CoSignaturesView.as_view(), name="co-signatures"),
    path("co-signatures/<uuid:pk>/", co_signatures.CoSignatureView.as_view(), name="co-signature"),
    path("co-signatures/<uuid:pk>/signatures/", co_signatures.SignaturesView.as_view(), name="co-signature-signatures"),
    path(
        "co-signatures/<uuid:pk>/refusals/", co_signatures.SignatureRefusalsView.as_view(), name="co-signature-refusals"
    ),
]
