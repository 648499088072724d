"""A small network to try things on: four organizations, a person per role, programs of each kind, made-up clients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.models import Membership, Organization, User
from casemgmt.accounts.roles import Role
from casemgmt.accounts.services import actor_for
from casemgmt.clients.models import Client, ContactKind, ContactPoint
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from programs.models import Program
from programs.services.directory import NewProgram, publish_program

BATCH = 2_000
SEEDER = Actor.system("seed")
SOURCE = "casemgmt-seed"
MODALITIES = [
    "cbt",
    "dbt",
    "act",
    "psychoanalytic_psychodynamic",
    "mindfulness",
    "animal_assisted",
    "art",
    "music",
    "dance",
]

ORGANIZATIONS = ("North", "South", "West", "East")
PROVIDERS = ("North", "South", "West")  # East runs nothing and was asked for nothing
STAFF: tuple[tuple[str, str, Role], ...] = (
    ("Carla Nguyen", "North", Role.CASE_MANAGER),
    ("Theo Brandt", "North", Role.THERAPIST),
    ("Pia Moreno", "North", Role.PEER_SPECIALIST),
    ("Sam Whitaker", "North", Role.SUPERVISOR),
    ("Hal Ostrom", "North", Role.HOUSE_MANAGER),
    ("Priya Raman", "North", Role.PRIVACY_OFFICER),
    ("Ana Lindqvist", "North", Role.ADMIN),
    ("Tess Okafor", "South", Role.THERAPIST),
    ("Ines Duarte", "South", Role.INTAKE),
    ("Sid Romero", "South", Role.SUPERVISOR),
    ("Wes Adler", "West", Role.INTAKE),
    ("Wilma Sato", "West", Role.SUPERVISOR),
    ("Olga Petrov", "East", Role.CASE_MANAGER),
)
STAGES = (
    Stage.INTAKE,
    Stage.WAITLIST,
    Stage.IOP,
    Stage.THERAPY,
    Stage.PEER_SUPPORT,
    Stage.SOBER_LIVING,
    Stage.AFTERCARE,
)


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can log in: for `manage.py seed_demo` and the demo to print."""

    name: str
    organization: str
    role: Role
    email: str


def email_of(name: str, organization: str) -> str:
    """Return a person's login."""
    return f"{name.split()[0].lower()}@{organization.lower()}.example"


@acting_as(SEEDER)
def seed_network(*, password: str) -> list[Login]:
    """Make the organizations, people and programs, or find them; everybody's password becomes `password`."""
    organizations = {name: _organization(name) for name in ORGANIZATIONS}
    logins = []
    for name, at, role in STAFF:
        email = email_of(name, at)
        user = User.objects.filter(email=email).first() or User(email=email, name=name)
        user.set_password(password)
        user.save()
        Membership.objects.get_or_create(user=user, organization=organizations[at], role=role, ended_at=None)
        logins.append(Login(name, at, role, email))
    for name in PROVIDERS:
        _publish(organizations[name])
    return logins


def _organization(name: str) -> Organization:
    known = Organization.objects.filter(name=name, hsds_id=None).first()
    return known or Organization.objects.create(
        name=name,
        description=f"{name} of the demonstration network.",
        timezone="America/Chicago",
        phone="+13165550190",
        email=f"hello@{name.lower()}.example",
        sms_alias="CareLine",
    )


def _publish(organization: Organization) -> None:
    """Publish one program of each kind, as the organization's supervisor, unless it has one."""
    supervisor = Membership.objects.filter(organization=organization, role=Role.SUPERVISOR, ended_at=None).earliest(
        "id"
    )
    actor = actor_for(user_id=supervisor.user_id, organization_id=organization.id)
    assert actor is not None
    there = set(Program.objects.filter(organization=organization).values_list("kind", flat=True))
    for new in _programs(organization.name):
        if new.kind not in there:
            publish_program(new=new, actor=actor)


def _programs(name: str) -> tuple[NewProgram, ...]:
    iop = NewProgram("iop", f"{name} intensive outpatient", level_of_care_code="2.1", capacity_total=500)
    therapy = NewProgram("therapy", f"{name} therapy", level_of_care_code="1.5", modalities=list(MODALITIES))
    return (
        replace(iop, level_of_care_edition=4),
        replace(therapy, level_of_care_edition=4),
        NewProgram("peer_support", f"{name} peer support", languages=["en", "es"]),
        NewProgram(
            "sober_living", f"{name} house", narr_level="II", accepts_moud=True, capacity_total=400, city="Salina"
        ),
        NewProgram("aftercare", f"{name} aftercare"),
    )


def seed_clients(count: int, *, organization: Organization) -> int:
    """Add made-up clients with an episode each, spread over the stages, until `count` are there; return how many came.

    Set-based and in bounded memory: BATCH at a time, one transaction each.
    """
    with acting_as(SEEDER):
        there = Client.objects.filter(organization=organization, source_system=SOURCE).count()
    numbers = iter(range(there, count))
    made = 0
    while batch := list(islice(numbers, BATCH)):
        _seed_batch(batch, organization)
        made += len(batch)
    return made


@acting_as(SEEDER)
def _seed_batch(numbers: list[int], organization: Organization) -> None:
    at = clock.now() - timedelta(hours=1)
    clients = [_client(number, organization) for number in numbers]
    Client.objects.bulk_create(clients)
    ContactPoint.objects.bulk_create(
        ContactPoint(client=client, kind=ContactKind.EMAIL, value=f"{client.source_id}@client.example", preferred=True)
        for client in clients
    )
    Grant.objects.bulk_create(
        Grant(client_id=client.id, organization_id=organization.id, reason=Reason.CARE) for client in clients
    )
    episodes = [
        Episode(
            client=client, organization=organization, stage=STAGES[number % len(STAGES)], opened_at=at, source="seed"
        )
        for number, client in zip(numbers, clients, strict=True)
    ]
    Episode.objects.bulk_create(episodes)
    StageMove.objects.bulk_create(move for episode in episodes for move in _moves(episode))


def _client(number: int, organization: Organization) -> Client:
    return Client(
        organization=organization,
        given_name=f"Given{number % 997}",
        family_name=f"Family{number % 4999}",
        birth_date=date(1950, 1, 1) + timedelta(days=number * 7 % 18_000),
        residence_state="KS",
        timezone="America/Chicago",
        language="en",
        source_system=SOURCE,
        source_id=str(number),
    )


def _moves(episode: Episode) -> Iterator[StageMove]:
    """Yield the ledger of a seeded episode: it began, and went straight to its stage."""
    steps = [("open", "T1", "", Stage.INTAKE.value)]
    if episode.stage != Stage.INTAKE:
        steps.append(("seed", "seed", Stage.INTAKE.value, str(episode.stage)))
    for verb, rule, source, target in steps:
        yield StageMove(
            episode=episode,
            verb=verb,
            rule=rule,
            from_stage=source,
            to_stage=target,
            enters=target,
            at=episode.opened_at,
            effective_at=episode.opened_at,
            actor_kind="system",
            reason="seeded",
        )
