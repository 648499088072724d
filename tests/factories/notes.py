"""Held sessions with clients who were given the notice, and what is written of them over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.kernel.actor import Actor
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Credential, Session
from tests.factories import people, programs, sessions

WORDS = {"peer": "summary", "clinical": "summary", "contact": "summary", "counseling": "analysis"}


def client(at: Organization, **fields: Any) -> Client:
    """Return a client of an organization who was given the notice."""
    made = people.client(at, **fields)
    programs.notice(made, at)
    return made


def held(staff: Actor, *clients: Client, ago: float = 2, **fields: Any) -> Session:
    """Return a session of an hour that took place `ago` hours ago and to which everybody came."""
    return sessions.session(staff, *clients, stage=SessionStage.HELD, ahead=-ago, **fields)


def draft(web: Any, kind: str, session: Session, client: Client | None, text: str = "Talked.", **more: Any) -> Any:
    """Return the answer to a draft of a kind."""
    about = {"client": str(client.id)} if client else {}
    return web.post(f"notes/{kind}/", {"session": str(session.id), WORDS[kind]: text, **about, **more})


def signed(web: Any, kind: str, session: Session, client: Client | None, text: str = "Talked.", **more: Any) -> Any:
    """Return a signed note as the API shows it."""
    begun = draft(web, kind, session, client, text, **more)
    assert begun.status_code == 201, begun.content
    done = web.post(f"notes/{kind}/{begun.json()['id']}/signatures/")
    assert done.status_code == 201, done.content
    return done.json()


def credential(of: Actor, by: Actor, *, days: int = 365, **fields: Any) -> Credential:
    """Return a peer's credential that ends in so many days; `by` recorded it."""
    known = {"kind": "peer_certified", "expires_on": people.today() + timedelta(days=days)}
    return Credential.objects.create(
        organization_id=of.organization_id, user_id=of.id, recorded_by_id=by.id, **{**known, **fields}
    )


# who writes which kind
WRITERS = {
    "peer": Role.PEER_SPECIALIST,
    "clinical": Role.THERAPIST,
    "contact": Role.CASE_MANAGER,
    "counseling": Role.THERAPIST,
}
