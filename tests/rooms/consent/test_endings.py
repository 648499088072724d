"""How consents end by themselves: by day, by event, by another in their place (P2-16, P2-18, P2-23)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from casemgmt.access.models import Grant
from casemgmt.accounts.roles import Role
from casemgmt.consent import clockwork
from casemgmt.consent import tasks as in_celery
from casemgmt.consent.clockwork import pass_time
from casemgmt.consent.handlers import end_with_episode, end_with_program
from casemgmt.consent.models import Consent, ConsentStep
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.kernel import clock
from casemgmt.kernel.events import Event
from casemgmt.management.ticks import TICKS
from casemgmt.policies.services import set_number
from casemgmt.worklist.models import WorkItem
from referrals.models import Referral
from tests.factories import consent as consents
from tests.factories import people, referrals

BY_EVENT = {"expires_at": None, "expires_event": "end_of_episode"}
ENDS = {"from": "therapy", "to": "completed"}


def cover_by_event(case) -> Consent:
    """Return the case's consent, which lasts until the episode ends."""
    return consents.consent(case.client, recipients=[case.cast.south], **BY_EVENT)


def sent(case) -> Referral:
    """Return a referral that was sent under a consent until the episode ends."""
    cover_by_event(case)
    draft = case.draft()
    case.move(draft.id, "send", case.sender)
    return Referral.objects.get(pk=draft.id)


def test_the_end_of_the_episode_ends_it_in_the_same_transaction(cast) -> None:
    """P2-16: nobody sees the packet any longer; the sweep tells the referral."""
    case = referrals.case(cast)
    referral = sent(case)
    case.move(referral.id, "accept", case.receiver)
    event = Event("episode.completed", case.episode.id, case.client.id, cast.north.id, ENDS)
    with transaction.atomic():
        end_with_episode(event, actor=cast.case_manager)
    live = Grant.objects.filter(source_id=referral.id, expires_at__gt=clock.now(), revoked_at__isnull=True)

    given = Consent.objects.get()
    assert given.expires_at is not None
    assert given.expires_at <= clock.now()
    assert not live.exists()
    assert pass_time() == 1
    assert not Grant.objects.filter(source_id=referral.id, revoked_at__isnull=True).exists()


@pytest.mark.parametrize("payload", [{"from": "iop", "to": "therapy"}, {"from": "completed", "to": "discharged"}])
def test_a_move_that_ends_nothing_ends_no_consent(cast, payload) -> None:
    case = referrals.case(cast)
    cover_by_event(case)

    event = Event("episode.completed", case.episode.id, case.client.id, cast.north.id, payload)
    end_with_episode(event, actor=cast.case_manager)

    assert Consent.objects.get().expires_at is None


def live_grants() -> set:
    """Return what is open, with its end."""
    return set(Grant.objects.filter(revoked_at__isnull=True).values_list("id", "expires_at"))


def test_it_closes_what_was_sent_under_it_and_nothing_beside(cast, api) -> None:
    """Neither another client's packet, nor what somebody sees for a reason of their own."""
    case, other = referrals.case(cast), referrals.case(cast)
    referral = sent(case)
    consents.consent(other.client, recipients=[cast.south])
    theirs = other.draft()
    other.move(theirs.id, "send", other.sender)
    said = api(cast.case_manager).post(f"clients/{case.client.id}/oral-disclosures/", consents.spoken(cast.south))
    assert said.status_code == 201
    before = live_grants()
    mine = set(Grant.objects.filter(source_id=referral.id).values_list("id", "expires_at"))
    assert mine <= before

    event = Event("episode.completed", case.episode.id, case.client.id, cast.north.id, ENDS)
    end_with_episode(event, actor=cast.case_manager)

    assert before - live_grants() == mine


def ended() -> set:
    return set(Consent.objects.filter(expires_at__isnull=False).values_list("id", flat=True))


def test_an_event_ends_what_waited_for_it_of_this_client_and_this_organization(cast) -> None:
    case, other = referrals.case(cast), referrals.case(cast)
    by_program = {"expires_at": None, "expires_event": "end_of_program", "expires_program_id": case.program.id}
    mine, program = cover_by_event(case), consents.consent(case.client, recipients=[cast.south], **by_program)
    cover_by_event(other)
    consents.consent(other.client, recipients=[cast.south], **by_program)
    elsewhere = asdict(consents.form(at=clock.now(), recipients=[cast.north], **BY_EVENT))
    Consent.objects.create(client=case.client, organization=cast.south, status="active", **elsewhere)
    left = {"program_id": str(case.program.id)}

    end_with_episode(
        Event("episode.completed", case.episode.id, case.client.id, cast.north.id, ENDS), actor=cast.case_manager
    )
    first = ended()
    end_with_program(
        Event("enrollment.ended", case.episode.id, case.client.id, cast.south.id, left), actor=cast.case_manager
    )

    assert (first, ended()) == ({mine.id}, {mine.id, program.id})


def test_what_has_ended_does_not_end_again(cast, travel) -> None:
    case = referrals.case(cast)
    cover_by_event(case)
    event = Event("episode.completed", case.episode.id, case.client.id, cast.north.id, ENDS)
    end_with_episode(event, actor=cast.case_manager)
    ended_at = Consent.objects.get().expires_at

    travel(clock.now() - timedelta(minutes=1))  # as if it came late
    end_with_episode(event, actor=cast.case_manager)

    assert Consent.objects.get().expires_at == ended_at


def test_the_pathway_itself_ends_it(cast) -> None:
    """The route of `episode.*`, through the door that people use."""
    case = referrals.case(cast)
    given = cover_by_event(case)

    move_episode(
        episode_id=case.episode.id,
        order=MoveOrder("cancel", given={"cancel_reason": "withdrew"}),
        actor=cast.supervisor,
    )

    assert Consent.objects.get(pk=given.id).expires_at is not None


def test_the_end_of_the_named_program_ends_it_and_of_another_does_not(cast) -> None:
    """P2-16."""
    case = referrals.case(cast)
    named = {"expires_at": None, "expires_event": "end_of_program", "expires_program_id": case.program.id}
    given = consents.consent(case.client, recipients=[cast.south], **named)
    lasting = consents.consent(  # names the program, and does not end with it
        case.client, type="tpo", purposes=("treatment", "payment", "operations"), **(named | {"expires_event": ""})
    )

    for program, ended in ((case.episode.id, False), (case.program.id, True)):
        payload = {"program_id": str(program)}
        event = Event("enrollment.ended", case.episode.id, case.client.id, cast.south.id, payload)
        end_with_program(event, actor=cast.case_manager)
        assert (Consent.objects.get(pk=given.id).expires_at is not None) is ended
    assert Consent.objects.get(pk=lasting.id).expires_at is None


def test_postgresql_lets_an_event_set_the_day_once_and_nobody_else(cast) -> None:
    client = people.client(cast.north)
    by_event = consents.consent(client, recipients=[cast.south], **BY_EVENT)
    by_day = consents.consent(client, recipients=[cast.south])
    at = clock.now()

    Consent.objects.filter(pk=by_event.id).update(expires_at=at)
    for pk, day in ((by_event.id, at + timedelta(days=1)), (by_event.id, None), (by_day.id, at)):
        with pytest.raises(DatabaseError), transaction.atomic():
            Consent.objects.filter(pk=pk).update(expires_at=day)

    assert Consent.objects.get(pk=by_event.id).expires_at == at


def test_what_relied_on_an_expired_consent_is_told_once(cast, travel) -> None:
    """P2-18, REF-02: an unanswered referral stops."""
    case = referrals.case(cast)
    referral = case.sent()
    ends = Consent.objects.get().expires_at
    before = pass_time()

    travel(ends)
    told = [pass_time(), pass_time()]

    row = Referral.objects.get(pk=referral.id)
    assert (before, told) == (0, [1, 0])
    assert (row.stage, row.ended_reason) == ("cancelled", "consent_ended")
    assert ConsentStep.objects.filter(what="expired").count() == 1


def test_it_is_asked_for_again_two_weeks_before(cast, travel) -> None:
    """P2-18: once, and no more once it is taken back."""
    given = consents.consent(people.client(cast.north), recipients=[cast.south])
    travel(given.expires_at - timedelta(days=14, seconds=5))
    early = pass_time()
    travel(given.expires_at - timedelta(days=14))

    told = [pass_time(), pass_time()]

    item = WorkItem.objects.open().get()
    assert (early, told) == (0, [1, 0])
    assert (item.kind, item.role, item.due_at) == ("consent_expiring", "case_manager", given.expires_at)
    travel(given.expires_at)
    pass_time()
    assert WorkItem.objects.open().filter(kind="consent_expiring").count() == 0


@pytest.mark.parametrize("first", ["celery", "loop"])
def test_both_drivers_tell_it_and_the_second_finds_nothing_left(cast, travel, first) -> None:
    """P2-18: whichever comes first; the same work, told once."""
    consents.consent(people.client(cast.north), recipients=[cast.south])
    ending = consents.consent(people.client(cast.north), recipients=[cast.east])
    (tick,) = (each for each in TICKS if each.name == "consents")
    drivers = {"celery": in_celery.pass_time, "loop": lambda: tick.run(lambda: True)}
    travel(ending.expires_at)

    drivers.pop(first)()
    told = ConsentStep.objects.filter(what="expired").count()
    (second,) = drivers.values()
    second()

    assert (told, ConsentStep.objects.filter(what="expired").count()) == (2, 2)


def test_a_draft_does_not_end_with_the_episode_and_what_has_ended_is_not_warned_of(cast, travel) -> None:
    """P2-16, P2-18."""
    case = referrals.case(cast)
    cover_by_event(case)
    draft = asdict(consents.form(at=clock.now(), recipients=[cast.south], **BY_EVENT))
    draft = Consent.objects.create(client=case.client, organization=cast.north, status="draft", **draft)
    ended = consents.consent(people.client(cast.north), recipients=[cast.south])
    event = Event("episode.completed", case.episode.id, case.client.id, cast.north.id, ENDS)

    end_with_episode(event, actor=cast.case_manager)
    travel(ended.expires_at + timedelta(minutes=1))
    unwarned = Consent.objects.ending_unwarned(before=clock.now() + timedelta(days=30))

    assert Consent.objects.get(pk=draft.id).expires_at is None
    assert ended.id not in set(unwarned.values_list("id", flat=True))


def test_each_organization_says_itself_how_long_before(cast, travel, monkeypatch) -> None:
    """P2-18: and a round that is full of one's consents holds up nobody else's."""
    monkeypatch.setattr(clockwork, "BATCH", 1)
    sooner = consents.consent(people.client(cast.north), recipients=[cast.south])
    at = sooner.expires_at - timedelta(days=30)
    supervisor = cast.at_south[Role.SUPERVISOR]
    set_number(name="consent_warning_days", value=40, reason="Ours take longer.", actor=supervisor)
    later = consents.consent(
        people.client(cast.south), recipients=[cast.north], expires_at=sooner.expires_at + timedelta(days=5)
    )
    travel(at)

    assert pass_time() == 1
    assert Consent.objects.get(warned_at__isnull=False).id == later.id


def test_another_takes_its_place_and_what_it_covers_goes_on(cast, api) -> None:
    case = referrals.case(cast)
    referral = case.sent()
    old = Consent.objects.get()
    wide = consents.request(case.client, cast.south, cast.east, supersedes=str(old.id))

    made = api(cast.case_manager).post("consents/", wide)

    old.refresh_from_db()
    assert (made.status_code, made.json()["supersedes_id"]) == (201, str(old.id))
    assert (old.status, old.superseded_at is not None) == ("superseded", True)
    assert Referral.objects.get(pk=referral.id).stage == "sent"


def test_a_narrower_one_stops_what_it_no_longer_covers(cast, api) -> None:
    case = referrals.case(cast)
    referral = case.sent()
    old = Consent.objects.get()
    web = api(cast.case_manager)
    draft = consents.request(case.client, cast.east, supersedes=str(old.id), activate=False)

    made = web.post("consents/", draft).json()
    while_draft = Referral.objects.get(pk=referral.id).stage
    web.post(f"consents/{made['id']}/activations/")

    assert while_draft == "sent"
    assert Referral.objects.get(pk=referral.id).stage == "cancelled"
    assert Consent.objects.get(pk=old.id).status == "superseded"


def test_only_what_is_in_force_and_of_the_same_kind_is_replaced(cast, api) -> None:
    client = people.client(cast.north)
    web = api(cast.case_manager)
    revoked, other = consents.consent(client, recipients=[cast.south]), consents.treatment_consent(client)
    web.post(f"consents/{revoked.id}/revocations/", {"channel": "oral"})

    codes = [
        web.post("consents/", consents.request(client, cast.south, supersedes=str(old.id))).json()["code"]
        for old in (revoked, other)
    ]

    assert codes == ["consent_not_active", "invalid"]
    assert Consent.objects.count() == 2


def test_a_superseded_consent_lets_nothing_leave_and_is_taken_back_no_more(cast, api) -> None:
    client = people.client(cast.north)
    old = consents.consent(client, recipients=[cast.south])
    web = api(cast.case_manager)
    web.post("consents/", consents.request(client, cast.east, supersedes=str(old.id)))

    said = web.post(f"clients/{client.id}/oral-disclosures/", consents.spoken(cast.south))
    revoked = web.post(f"consents/{old.id}/revocations/", {"channel": "oral"})

    assert (said.status_code, revoked.json()["code"]) == (422, "consent_not_active")


def test_what_a_court_waits_for_is_not_taken_back_before_its_time(cast, api, travel) -> None:
    """P2-23."""
    client = people.client(cast.north)
    until = clock.now() + timedelta(days=30)
    told = {
        "type": "criminal_justice",
        "purposes": ["monitoring"],
        "recipient_classes": ["justice_monitor"],
        "revocable_from": until.isoformat(),
    }
    web = api(cast.case_manager)
    made = web.post("consents/", consents.request(client, cast.south, **told)).json()

    early = web.post(f"consents/{made['id']}/revocations/", {"channel": "written"})
    stays = Consent.objects.get().status
    travel(until)
    late = web.post(f"consents/{made['id']}/revocations/", {"channel": "written"})

    assert (early.status_code, early.json()["code"], stays) == (422, "consent_not_yet_revocable", "active")
    assert late.status_code == 200


def test_the_form_names_a_day_or_an_event_and_keeps_its_hash(cast, api) -> None:
    """P2-16; what was signed can be told from what was not."""
    client = people.client(cast.north)
    web = api(cast.case_manager)
    body = consents.request(client, cast.south)

    twice = web.post("consents/", body | {"expires_event": "end_of_episode"})
    by_event = {name: value for name, value in body.items() if name != "expires_at"}
    bare = web.post("consents/", by_event | {"expires_event": "end_of_program"})
    first, same = (web.post("consents/", by_event | {"expires_event": "end_of_episode"}).json() for _ in range(2))
    other = web.post("consents/", by_event | {"expires_event": "end_of_episode", "discloser": "Other"}).json()

    assert (twice.status_code, twice.json()["code"]) == (422, "consent_expiry_twice")
    assert bare.json()["code"] == "consent_expiry_program_missing"
    assert len(first["document_hash"]) == 64
    assert (first["document_hash"] == same["document_hash"], first["document_hash"] == other["document_hash"]) == (
        True,
        False,
    )
