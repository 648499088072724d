"""A thousand random steps through the pathway's own doors, by any role, leave nothing at odds (F1, F2, T1-T20).

Moves, proposals, late entries, corrections, holds, re-entries, deaths, screeners, alerts, returns to use, referrals,
texts and the passing of time come in any order. A refusal is an answer; it leaves everything as it was.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from casemgmt.accounts.roles import Role
from casemgmt.chart.services.contacts import NewContact, record_contact
from casemgmt.chart.services.returns import NewReturn, record_return
from casemgmt.clients.models import Client
from casemgmt.clients.services import correct_death, record_death
from casemgmt.episodes.amending import Correction
from casemgmt.episodes.clockwork import pass_time
from casemgmt.episodes.corrections import correct_move
from casemgmt.episodes.history import replay
from casemgmt.episodes.ledger import rows_of
from casemgmt.episodes.models import Episode, StageMove, StageProposal
from casemgmt.episodes.opening import open_episode
from casemgmt.episodes.proposals import Suggestion, confirm_proposal, dismiss_proposal, propose_move
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import CARE, Stage
from casemgmt.kernel import clock
from casemgmt.kernel.errors import DomainError
from casemgmt.kernel.lifecycle import verbs
from casemgmt.ledgers import first_broken, ledgers
from casemgmt.safety.models import RiskAlert
from casemgmt.safety.services import paging
from casemgmt.safety.services.answering import AlertOrder, move_alert
from casemgmt.worklist.models import WorkItem
from notifications.models import CheckIn, CheckInPlan, Message
from notifications.services.materializing import materialize
from notifications.services.planning import NewPlan, create_plan
from programs.models import Enrollment
from programs.services.enrollments import move_enrollment
from programs.services.steps import EnrollmentOrder
from referrals.models import Referral
from tests.factories import alerts, notifications, people, readiness, told

HOUR = timedelta(hours=1)
STEPS, EXAMPLES = 50, 20  # a thousand steps
WHO = st.sampled_from([Role.SUPERVISOR, Role.SUPERVISOR, Role.THERAPIST, Role.CASE_MANAGER, *Role])
VERBS = st.sampled_from([each.name for each in verbs(Episode)])
RIGHT = st.sampled_from([*Stage, "in_error", "in_error", "", ""])
HOURS = st.sampled_from([0, 0, 1, 30, 24 * 6, 24 * 16, 24 * 40])
NOT_OURS = ("django_", "auth_", "audit_", "outbox_", "accounts_", "mfa_", "account_", "axes_")
ITEM_9 = {**told.CALM, "9": 2}
TOLD = {"client_died", "referral_stopped", "stage_corrected"}
PICTURE = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} AS t"


class Pathway(RuleBasedStateMachine):
    """One client of North, ready for anything, and what people do; `cast` and `travel` are the test's."""

    cast: ClassVar[Any]
    travel: ClassVar[Any]
    tables: ClassVar[list[str]]

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        type(self).travel(clock.now())
        episode = readiness.ready_episode(self.cast)
        self.client_id = episode.client_id
        notifications.agree(episode.client.contact_points.get())

    def teardown(self) -> None:
        """Leave no trace."""
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def attempt(self, what: Any, **how: Any) -> None:
        """Do something; whatever is refused has changed nothing."""
        before = self.picture()
        try:
            what(**how)
        except DomainError:
            assert self.picture() == before

    def picture(self) -> list[str]:
        """Return a digest of every table that the doors write."""
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(PICTURE.format(table=name) for name in self.tables))
            return [digest for (digest,) in cursor.fetchall()]

    @property
    def episode(self) -> Episode:
        """Return the latest episode."""
        return Episode.objects.filter(client_id=self.client_id).latest("opened_at", "id")

    def who(self, role: Role) -> Any:
        """Return North's person of that role."""
        return self.cast.at_north[role]

    @rule(name=VERBS, role=WHO, late=HOURS, up=st.booleans())
    def move(self, name: str, role: Role, late: int, up: bool) -> None:
        """Take a verb, now or told late, with everything that it may need."""
        episode = self.episode
        given = readiness.told(self.cast, episode) | ({"expedite": True} if up else {})
        since = clock.now() - late * HOUR if late else None
        order = MoveOrder(verb=name, given=given, reason="Agreed.", effective_at=since)
        self.attempt(move_episode, episode_id=episode.id, order=order, actor=self.who(role))

    @rule(name=VERBS, role=WHO)
    def propose(self, name: str, role: Role) -> None:
        """Ask for a verb."""
        asked = Suggestion(verb=name, given=readiness.told(self.cast, self.episode), reason="Wants it.")
        self.attempt(propose_move, episode_id=self.episode.id, suggestion=asked, actor=self.who(role))

    @rule(role=WHO, yes=st.booleans())
    def decide(self, role: Role, yes: bool) -> None:
        """Confirm or dismiss whatever was proposed last."""
        proposal = StageProposal.objects.filter(episode__client_id=self.client_id).order_by("created_at", "id").last()
        if proposal is None:
            return
        known = {"proposal_id": proposal.id, "version": None, "actor": self.who(role)}
        if yes:
            self.attempt(confirm_proposal, given={}, **known)
        else:
            self.attempt(dismiss_proposal, reason="Not now.", **known)

    @rule(number=st.integers(0, 9), right=RIGHT, hours=st.integers(-20, 20), role=WHO)
    def correct(self, number: int, right: Any, hours: int, role: Role) -> None:
        """Correct a row of any of the client's ledgers, whether that is possible or not."""
        rows = list(StageMove.objects.filter(episode__client_id=self.client_id).order_by("seq"))
        row = rows[number % len(rows)]
        wrong = right == "in_error"
        correction = Correction(
            move=row.seq,
            reason="Wrong.",
            stage="" if wrong else str(right),
            in_error=wrong,
            effective_at=row.effective_at + hours * HOUR if hours % 3 else None,
            given={"discharge_reason": "other"} if right == Stage.DISCHARGED else {},
        )
        self.attempt(correct_move, episode_id=row.episode_id, correction=correction, actor=self.who(role))

    @rule(role=WHO)
    def come_back(self, role: Role) -> None:
        """Open an episode again, and make ready what its guards ask for (T18)."""
        last = self.episode
        new = {"client_id": self.client_id, "source": "self", "reason": "Back.", "previous_id": last.id}
        self.attempt(open_episode, actor=self.who(role), **new)
        if self.episode != last:
            readiness.enroll_everywhere(self.episode, self.cast)
            readiness.level_signed(self.cast, self.episode)
            readiness.cared_for_afterwards(self.cast, self.episode)

    @rule(again=st.booleans())
    def die(self, again: bool) -> None:
        """Note a death on the client alone, or take one back."""
        if again:
            self.attempt(correct_death, client_id=self.client_id, actor=self.cast.supervisor)
        else:
            self.attempt(record_death, client_id=self.client_id, died_on=None, actor=self.cast.supervisor)

    @rule(answers=st.sampled_from([told.CALM, told.CALM, ITEM_9]), role=WHO)
    def screen(self, answers: dict[str, int], role: Role) -> None:
        """Take a PHQ-9 and, if calm, a C-SSRS (MSR-05)."""
        self.attempt(told.screener, episode=self.episode, code="phq9", items=answers, by=self.who(role))
        if answers is told.CALM:
            self.attempt(told.cssrs, episode=self.episode, level="none", by=self.cast.therapist)

    @rule(role=WHO, name=st.sampled_from(["acknowledge", "close", "close"]))
    def answer_alert(self, role: Role, name: str) -> None:
        """Answer the oldest alert that is open."""
        alert = RiskAlert.objects.filter(client_id=self.client_id).exclude(stage="closed").order_by("id").first()
        if alert:
            given = alerts.closing(clock.now()) if name == "close" else {}
            order = AlertOrder(verb=name, given=given, reason="Safe.")
            self.attempt(move_alert, alert_id=alert.id, order=order, actor=self.who(role))

    @rule(role=WHO, overdose=st.booleans())
    def use_again(self, role: Role, overdose: bool) -> None:
        """Record a return to use: it moves nobody (CLN-30)."""
        before = (str(self.episode.stage), self.episode.ended_at)
        new = NewReturn(people.today(), "client", overdose, "unknown", True, True)
        self.attempt(record_return, episode_id=self.episode.id, new=new, actor=self.who(role))
        assert (str(self.episode.stage), self.episode.ended_at) == before

    @rule(role=WHO, reached=st.booleans())
    def call(self, role: Role, reached: bool) -> None:
        """Try to reach the client."""
        new = NewContact("phone", reached=reached)
        self.attempt(record_contact, episode_id=self.episode.id, new=new, actor=self.who(role))

    @rule(name=st.sampled_from(["activate", "hold", "resume", "end"]), number=st.integers(0, 7), role=WHO)
    def move_by_hand(self, name: str, number: int, role: Role) -> None:
        """Move one of the enrollments beside the pathway."""
        rows = list(Enrollment.objects.filter(episode__client_id=self.client_id).order_by("id"))
        order = EnrollmentOrder(name, given={"end_reason": "other"} if name == "end" else {})
        one = rows[number % len(rows)]
        self.attempt(move_enrollment, enrollment_id=one.id, order=order, actor=self.who(role))

    @rule(role=WHO)
    def plan_texts(self, role: Role) -> None:
        """Plan check-ins for every day."""
        now = clock.now()
        new = NewPlan(self.episode.id, times=((now + 5 * HOUR).time().replace(microsecond=0),), weekdays=(1, 3, 5))
        self.attempt(create_plan, new=new, actor=self.who(role))
        materialize()

    @rule()
    def refer(self) -> None:
        """Hand the client over to South, if nothing forbids it (G13)."""
        if self.episode.is_open and not Referral.objects.filter(client_id=self.client_id).exists():
            readiness.handed_over(self.cast, self.episode)

    @rule(hours=st.sampled_from([1, 12, 26, 24 * 8, 24 * 35]))
    def wait(self, hours: int) -> None:
        """Let time pass, and every clock strike."""
        type(self).travel(clock.now() + hours * HOUR)
        pass_time()
        paging.escalate()
        materialize()

    @invariant()
    def nothing_is_at_odds(self) -> None:
        """What PostgreSQL judges at commit holds now, and what follows."""
        connection.check_constraints()
        self.the_ledgers_are_whole()
        self.one_leads()
        self.the_dead_are_left_in_peace()

    def the_ledgers_are_whole(self) -> None:
        """F2: replaying is the state, row by row, in every ledger."""
        now = clock.now()
        for episode in Episode.objects.filter(client_id=self.client_id):
            found = replay(rows_of(episode), as_of=now, known_at=now)
            assert (found.stage, found.held_stage) == (str(episode.stage), episode.held_stage)
            assert episode.ended_at == (None if episode.is_open else found.since)
        assert [broken for ledger in ledgers() if (broken := first_broken(ledger))] == []

    def one_leads(self) -> None:
        """STG-01: one open episode; an ended one has no enrollment, the lead has one unless a correction led there."""
        episodes = list(Episode.objects.filter(client_id=self.client_id))
        assert sum(each.is_open for each in episodes) <= 1
        for each in episodes:
            kinds = set(Enrollment.objects.open().filter(episode=each).values_list("program__kind", flat=True))
            assert each.is_open or not kinds
            corrected = each.moves.filter(supersedes__isnull=False).exists()  # then people plan anew
            assert not each.is_open or corrected or each.lead not in CARE or each.lead in kinds

    def the_dead_are_left_in_peace(self) -> None:
        """T17, STG-14: no open episode, text, check-in, plan, referral, proposal, alert or task for who has died."""
        mine = {"client_id": self.client_id}
        ended = not Episode.objects.open().filter(**mine).exists()
        assert not (ended and CheckInPlan.objects.open().filter(**mine).exists())
        assert not (ended and StageProposal.objects.waiting().filter(episode__client_id=self.client_id).exists())
        if Client.objects.get(pk=self.client_id).deceased:
            assert ended
            assert not Message.objects.filter(**mine, status__in=("pending", "sending")).exists()
            assert not CheckIn.objects.filter(**mine, ended_at__isnull=True).exclude(status="asked").exists()
            assert not Referral.objects.filter(**mine, ended_at__isnull=True).exists()
            assert not RiskAlert.objects.filter(**mine).exclude(stage="closed").exists()
            left = set(WorkItem.objects.open().filter(**mine).values_list("kind", flat=True))
            assert left <= TOLD  # those who cared are told in private; nobody is asked to call


@pytest.mark.timeout(900)
def test_a_thousand_steps_leave_nothing_at_odds(cast, travel) -> None:
    """F2, STG-01, STG-14, T17, T18, T20: ledger = state, one lead stage, nothing open for the dead or the ended."""
    tables = [name for name in connection.introspection.table_names() if not name.startswith(NOT_OURS)]
    machine = type("Here", (Pathway,), {"cast": cast, "travel": staticmethod(travel), "tables": sorted(tables)})
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=quiet),
    )
