"""Reviews and certifications of intensive outpatient care: due while IOP leads (CLN-02)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.chart.models import IopReview
from casemgmt.clients.services import note_death
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.actor import Actor
from casemgmt.policies.services import set_number
from casemgmt.worklist.models import ItemKind
from tests.factories import chart, people
from tests.factories import episodes as spells
from tests.factories.pathway import step

BEGAN = datetime(2027, 10, 26, 20, tzinfo=UTC)  # 15:00 in Chicago; the clocks go back on 7 November
REVIEW = ItemKind.IOP_REVIEW, datetime(2027, 11, 10, 6, tzinfo=UTC)  # the end of day 14 there, in winter time
RECERTIFY = ItemKind.IOP_RECERTIFY, datetime(2027, 12, 26, 6, tzinfo=UTC)  # the end of day 60


@pytest.fixture
def episode(cast, travel) -> Episode:
    """Return an episode of North that has just entered IOP."""
    travel(BEGAN)
    made = spells.episode(people.client(cast.north), stage=Stage.THERAPY)
    step(made, Stage.IOP, actor=cast.therapist)
    return made


def due() -> list[tuple[str, datetime]]:
    found = chart.open_items(ItemKind.IOP_REVIEW, ItemKind.IOP_RECERTIFY)
    return [(item.kind, item.due_at) for item in found]


def review(web, episode: Episode, **more):
    """Send a review."""
    body = {"episode": str(episode.id), "kind": "review", "outcome": "still_fits", **more}
    return web.post("iop-reviews/", body)


def test_entering_iop_puts_both_on_the_list(episode) -> None:
    """CLN-02: a review every 14 days, a certification within 60, where the organization is."""
    assert due() == [REVIEW, RECERTIFY]
    roles = {item.role for item in chart.open_items(ItemKind.IOP_REVIEW, ItemKind.IOP_RECERTIFY)}
    assert roles == {Role.THERAPIST}


def test_the_numbers_are_the_organizations(cast, travel) -> None:
    """CLN-02: stricter, never looser than the payer."""
    travel(BEGAN)
    set_number(name="iop_review_days", value=7, reason="we can", actor=cast.supervisor)
    set_number(name="iop_recertify_days", value=30, reason="we can", actor=cast.supervisor)
    made = spells.episode(people.client(cast.north), stage=Stage.THERAPY)

    step(made, Stage.IOP, actor=cast.therapist)

    assert [at.date().isoformat() for _, at in due()] == ["2027-11-03", "2027-11-26"]


def test_a_review_makes_way_for_the_next(cast, api, episode, travel) -> None:
    """CLN-02: the next falls due from it; the certification keeps its own day; nobody is moved."""
    travel(datetime(2027, 11, 8, 20, tzinfo=UTC))
    moves = StageMove.objects.count()

    made = review(api(cast.therapist), episode, note="Attends all.", outcome="less_support")

    assert (made.status_code, made.json()["outcome"]) == (201, "less_support")
    assert due() == [(ItemKind.IOP_REVIEW, datetime(2027, 11, 23, 6, tzinfo=UTC)), RECERTIFY]
    assert (Episode.objects.get(pk=episode.pk).stage, StageMove.objects.count()) == (Stage.IOP, moves)


def test_a_certification_counts_from_the_day_of_the_physician(cast, api, episode, travel) -> None:
    """CLN-02: 60 days from when it was certified, not from when it was typed in."""
    travel(datetime(2027, 12, 20, 20, tzinfo=UTC))
    certified = {"kind": "recertification", "certified_by": "R. Lane, MD", "reviewed_at": "2027-12-15T20:00:00Z"}

    made = review(api(cast.supervisor), episode, **certified)

    assert (made.status_code, made.json()["certified_by"]) == (201, "R. Lane, MD")
    assert due() == [REVIEW, (ItemKind.IOP_RECERTIFY, datetime(2028, 2, 14, 6, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "recertification"}, "certified_by"),
        ({"certified_by": "R. Lane, MD"}, "certified_by"),
        ({"reviewed_at": "2126-01-01T00:00:00Z"}, "reviewed_at"),
        ({"outcome": "discharge"}, "outcome"),
        ({"note": "x" * 4001}, "note"),
    ],
)
def test_what_does_not_fit_is_told_by_field(cast, api, episode, more, field) -> None:
    """CLN-02: a certification names its physician."""
    refused = review(api(cast.therapist), episode, **more)

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert (IopReview.objects.count(), due()) == (0, [REVIEW, RECERTIFY])


@pytest.mark.parametrize("stage", [Stage.THERAPY, Stage.DISCHARGED])
def test_leaving_iop_takes_them_off_the_list(cast, api, episode, stage) -> None:
    """CLN-02: nothing is due of an IOP that has ended, and nothing is reviewed."""
    step(episode, stage, actor=cast.therapist)

    assert due() == []
    refused = review(api(cast.therapist), episode)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_in_iop")
    assert (IopReview.objects.count(), due()) == (0, [])


def test_a_hold_keeps_what_is_due(cast, episode) -> None:
    """CLN-02: a pause does not put a certification off."""
    step(episode, Stage.ON_HOLD, actor=cast.case_manager)
    assert due() == [REVIEW, RECERTIFY]

    step(episode, Stage.IOP, actor=cast.therapist)

    assert due() == [REVIEW, RECERTIFY]


def test_a_death_takes_them_off_the_list(cast, api, episode) -> None:
    """STG-14: of IOP, and reviews of returns to use too."""
    api(cast.peer).post("returns-to-use/", chart.used_again(episode))

    note_death(episode.client, died_on=None, actor=Actor.system("test"))

    assert (due(), chart.open_items(ItemKind.RETURN_TO_USE_REVIEW)) == ([], [])


def test_who_reviews_and_who_reads(cast, api, episode) -> None:
    """CLN-02: clinicians review (table 1.9)."""
    roles = [role for role in Role if role not in (Role.THERAPIST, Role.SUPERVISOR)]

    answers = {role: review(api(cast.at_north[role]), episode) for role in roles}

    assert {role: (answer.status_code, answer.json()["code"]) for role, answer in answers.items()} == {
        Role.CASE_MANAGER: (403, "not_permitted"),
        Role.PEER_SPECIALIST: (403, "outside_peer_scope"),
        Role.HOUSE_MANAGER: (403, "not_permitted"),
        Role.PRIVACY_OFFICER: (403, "not_permitted"),
        Role.INTAKE: (404, "not_found"),
        Role.ADMIN: (404, "not_found"),
    }
    assert review(api(cast.outsider), episode).status_code == 404
    assert (IopReview.objects.count(), due()) == (0, [REVIEW, RECERTIFY])
    made = review(api(cast.therapist), episode).json()["id"]
    assert api(cast.case_manager).get(f"iop-reviews/{made}/").status_code == 200
    assert api(cast.peer).get(f"iop-reviews/{made}/").status_code == 404
    assert api(cast.outsider).get(f"iop-reviews/?client={episode.client_id}").json()["results"] == []


def test_an_amendment_is_of_the_same_kind(cast, api, episode) -> None:
    web = api(cast.therapist)
    made = review(web, episode).json()["id"]
    standing = due()
    corrected = {"kind": "review", "outcome": "more_support", "reason": "typed wrongly"}

    other = web.post(f"iop-reviews/{made}/amendments/", {**corrected, "kind": "recertification"})
    amended = web.post(f"iop-reviews/{made}/amendments/", corrected)
    stale = web.post(f"iop-reviews/{made}/amendments/", corrected)

    assert (other.status_code, list(other.json()["fields"])) == (400, ["kind"])
    assert (amended.status_code, amended.json()["supersedes_id"]) == (201, made)
    assert (stale.status_code, stale.json()["code"]) == (409, "already_amended")
    assert due() == standing


def test_a_review_that_is_recorded_late_puts_the_next_one_not_back(cast, api, episode) -> None:
    """CLN-02: due from the latest review, in whatever order they are written down."""
    web = api(cast.therapist)
    assert review(web, episode).status_code == 201
    first = due()

    assert review(web, episode, reviewed_at=(BEGAN - timedelta(hours=30)).isoformat()).status_code == 201

    assert due() == first


def test_a_review_in_a_year_that_nobody_lived_in_is_told_back(cast, api, episode) -> None:
    """CLN-02: a typing error in the year, and nothing happened."""
    before = due()

    refused = review(api(cast.therapist), episode, reviewed_at="0026-11-01T12:00:00Z")

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["reviewed_at"])
    assert (due(), IopReview.objects.count()) == (before, 0)
