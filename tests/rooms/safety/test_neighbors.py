"""What the rooms around safety hear of alerts: guards of the pathway, and the client's team."""

from __future__ import annotations

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.care_team.models import CareTeamMember
from casemgmt.care_team.services import NewMember, add_member, end_member
from casemgmt.care_team.words import EndReason, TeamRole
from casemgmt.clients.models import Client
from casemgmt.episodes.services import gather
from casemgmt.kernel import clock
from casemgmt.kernel.errors import Refused
from casemgmt.safety.services.answering import AlertOrder, move_alert
from casemgmt.safety.words import AlertFact, Severity, What
from tests.factories import alerts, episodes, people


@pytest.fixture
def client(cast) -> Client:
    return people.client(cast.north)


def test_guards_see_what_is_not_closed_at_the_episode_s_organization(cast, client) -> None:
    """G4: taken is not closed; closed, elsewhere and another client's are not there."""
    episode = episodes.episode(client)
    taken = alerts.alert(client, cast.north, severity=Severity.HIGH, what=What.CSSRS_HIGH)
    grave = alerts.alert(client, cast.north)
    gone = alerts.alert(client, cast.north)
    alerts.alert(client, cast.south)
    alerts.alert(people.client(cast.north), cast.north)
    move_alert(alert_id=taken.id, order=AlertOrder("acknowledge"), actor=cast.therapist)
    told = alerts.closing(clock.now())
    move_alert(alert_id=gone.id, order=AlertOrder("close", told), actor=cast.therapist)

    facts = gather(episode, at=clock.now())

    assert facts.alerts == (AlertFact(str(grave.id), "critical"), AlertFact(str(taken.id), "high"))


def join(client: Client, actor, role: TeamRole, *, by) -> CareTeamMember:
    return add_member(client_id=client.id, new=NewMember(actor.id, role), actor=by)


def test_a_peer_does_not_join_alone_while_the_risk_is_grave(cast, client) -> None:
    """PEER-02: sole assignment is refused; with a case manager on the team it is not."""
    alerts.alert(client, cast.north, severity=Severity.HIGH, what=What.CSSRS_HIGH)

    with pytest.raises(Refused) as refused:
        join(client, cast.peer, TeamRole.PEER_SPECIALIST, by=cast.case_manager)
    assert refused.value.code == "outside_peer_scope"
    assert not CareTeamMember.objects.exists()

    join(client, cast.case_manager, TeamRole.CASE_MANAGER, by=cast.case_manager)
    join(client, cast.peer, TeamRole.PEER_SPECIALIST, by=cast.case_manager)
    assert CareTeamMember.objects.count() == 2


@pytest.mark.parametrize("severity", [None, Severity.LOW, Severity.MODERATE])
def test_without_a_grave_alert_a_peer_may(cast, client, severity) -> None:
    """PEER-02: low and moderate are no reason."""
    if severity:
        alerts.alert(client, cast.north, severity=severity, what=What.CONCERN)

    assert join(client, cast.peer, TeamRole.PEER_SPECIALIST, by=cast.case_manager)


def test_the_last_one_beside_the_peers_does_not_leave(cast, client) -> None:
    """PEER-02: somebody else comes first; the peer may leave at any time."""
    manager = join(client, cast.case_manager, TeamRole.CASE_MANAGER, by=cast.case_manager)
    peer = join(client, cast.peer, TeamRole.PEER_SPECIALIST, by=cast.case_manager)
    alerts.alert(client, cast.north)

    def leave(member: CareTeamMember) -> None:
        end_member(member_id=member.id, reason=EndReason.REASSIGNED, actor=cast.supervisor)

    with pytest.raises(Refused) as refused:
        leave(manager)
    assert refused.value.code == "outside_peer_scope"
    assert CareTeamMember.objects.get(pk=manager.pk).ended_on is None

    join(client, cast.therapist, TeamRole.THERAPIST, by=cast.supervisor)
    leave(manager)
    leave(peer)


def test_another_organization_s_alert_is_no_reason_here(cast, client) -> None:
    """PEER-02: each organization answers for its own."""
    alerts.alert(client, cast.south)

    assert join(client, cast.peer, TeamRole.PEER_SPECIALIST, by=cast.case_manager)


def test_a_case_manager_who_is_alone_needs_no_leave(cast, client) -> None:
    """PEER-02 speaks of peers."""
    member = join(client, cast.case_manager, TeamRole.CASE_MANAGER, by=cast.case_manager)
    alerts.alert(client, cast.north)

    end_member(member_id=member.id, reason=EndReason.REASSIGNED, actor=cast.supervisor)

    assert Role.CASE_MANAGER in cast.case_manager.roles
    assert CareTeamMember.objects.get().ended_on is not None
