"""Addresses of the chart."""

from django.urls import path

from . import checkups, contacts, iop, levels, plans, returns, reviews

urlpatterns = [
    path("levels-of-care/", levels.LevelsView.as_view(), name="levels-of-care"),
    path("levels-of-care/<uuid:pk>/", levels.LevelView.as_view(), name="level-of-care"),
    path("levels-of-care/<uuid:pk>/amendments/", levels.LevelAmendmentsView.as_view(), name="level-amendments"),
    path("levels-of-care/<uuid:pk>/withdrawal/", levels.LevelWithdrawalView.as_view(), name="level-withdrawal"),
    path("continuing-care-plans/", plans.PlansView.as_view(), name="continuing-care-plans"),
    path("continuing-care-plans/<uuid:pk>/", plans.PlanView.as_view(), name="continuing-care-plan"),
    path("continuing-care-plans/<uuid:pk>/amendments/", plans.PlanAmendmentsView.as_view(), name="plan-amendments"),
    path("continuing-care-plans/<uuid:pk>/given/", plans.PlanGivenView.as_view(), name="plan-given"),
    path("continuing-care-plans/<uuid:pk>/withdrawal/", plans.PlanWithdrawalView.as_view(), name="plan-withdrawal"),
    path("contact-attempts/", contacts.ContactsView.as_view(), name="contact-attempts"),
    path("contact-attempts/<uuid:pk>/", contacts.ContactView.as_view(), name="contact-attempt"),
    path("contact-attempts/<uuid:pk>/amendments/", contacts.ContactAmendmentsView.as_view(), name="contact-amendments"),
    path("contact-attempts/<uuid:pk>/withdrawal/", contacts.ContactWithdrawalView.as_view(), name="contact-withdrawal"),
    path("returns-to-use/", returns.ReturnsView.as_view(), name="returns-to-use"),
    path("returns-to-use/<uuid:pk>/", returns.ReturnView.as_view(), name="return-to-use"),
    path("returns-to-use/<uuid:pk>/amendments/", returns.ReturnAmendmentsView.as_view(), name="return-amendments"),
    path("returns-to-use/<uuid:pk>/withdrawal/", returns.ReturnWithdrawalView.as_view(), name="return-withdrawal"),
    path("returns-to-use/<uuid:pk>/reviews/", reviews.ReviewsView.as_view(), name="return-reviews"),
    path(
        "return-to-use-reviews/<uuid:pk>/amendments/",
        reviews.ReviewAmendmentsView.as_view(),
        name="return-review-amendments",
    ),
    path("checkups/", checkups.CheckupsView.as_view(), name="checkups"),
    path("checkups/<uuid:pk>/", checkups.CheckupView.as_view(), name="checkup"),
    path("checkups/<uuid:pk>/outcome/", checkups.CheckupOutcomeView.as_view(), name="checkup-outcome"),
    path("iop-reviews/", iop.IopReviewsView.as_view(), name="iop-reviews"),
    path("iop-reviews/<uuid:pk>/", iop.IopReviewView.as_view(), name="iop-review"),
    path("iop-reviews/<uuid:pk>/amendments/", iop.IopReviewAmendmentsView.as_view(), name="iop-review-amendments"),
]
