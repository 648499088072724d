"""Addresses of waitlists, offers and beds."""

from django.urls import path

from . import beds, offers, waitlist

urlpatterns = [
    path("programs/<uuid:pk>/places/", waitlist.PlacesView.as_view(), name="program-places"),
    path("programs/<uuid:pk>/waitlist/", waitlist.WaitlistView.as_view(), name="waitlist"),
    path("programs/<uuid:pk>/offers/", offers.ProgramOffersView.as_view(), name="program-offers"),
    path("waitlist-entries/", waitlist.EntriesView.as_view(), name="waitlist-entries"),
    path("waitlist-entries/<uuid:pk>/", waitlist.EntryView.as_view(), name="waitlist-entry"),
    path(
        "waitlist-entries/<uuid:pk>/confirmations/",
        waitlist.ConfirmationView.as_view(),
        name="waitlist-entry-confirmations",
    ),
    path("waitlist-entries/<uuid:pk>/removal/", waitlist.RemovalView.as_view(), name="waitlist-entry-removal"),
    path("waitlist-entries/<uuid:pk>/moves/", waitlist.EntryMovesView.as_view(), name="waitlist-entry-moves"),
    path("waitlist-entries/<uuid:pk>/skips/", waitlist.EntrySkipsView.as_view(), name="waitlist-entry-skips"),
    path("waitlist-rules/", waitlist.WaitlistRulesView.as_view(), name="waitlist-rules"),
    path("offers/", offers.OffersView.as_view(), name="offers"),
    path("offers/<uuid:pk>/", offers.OfferView.as_view(), name="offer"),
    path("offers/<uuid:pk>/acceptance/", offers.AcceptanceView.as_view(), name="offer-acceptance"),
    path("offers/<uuid:pk>/decline/", offers.DeclineView.as_view(), name="offer-decline"),
    path("offers/<uuid:pk>/withdrawal/", offers.WithdrawalView.as_view(), name="offer-withdrawal"),
    path("offers/<uuid:pk>/skips/", offers.OfferSkipsView.as_view(), name="offer-skips"),
    path("residences/<uuid:pk>/beds/", beds.HouseBedsView.as_view(), name="house-beds"),
    path("beds/<uuid:pk>/", beds.BedView.as_view(), name="bed"),
    path("beds/<uuid:pk>/stays/", beds.StaysView.as_view(), name="bed-stays"),
    path("beds/<uuid:pk>/holds/", beds.HoldsView.as_view(), name="bed-holds"),
    path("bed-uses/", beds.BedUsesView.as_view(), name="bed-uses"),
    path("bed-uses/<uuid:pk>/move/", beds.BedMoveView.as_view(), name="bed-use-move"),
    path("bed-uses/<uuid:pk>/end/", beds.BedEndView.as_view(), name="bed-use-end"),
]
