"""The roles a person may hold in an organization (rules.md, role codes and 1.9). Pure."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What somebody is in one organization. A person may hold several."""

    CASE_MANAGER = "case_manager"
    THERAPIST = "therapist"  # clinician
    PEER_SPECIALIST = "peer_specialist"
    HOUSE_MANAGER = "house_manager"
    SUPERVISOR = "supervisor"  # senior clinician
    INTAKE = "intake"  # receives referrals
    PRIVACY_OFFICER = "privacy_officer"
    ADMIN = "admin"  # runs the instance, sees no client data


CLINICIANS = frozenset({Role.THERAPIST.value, Role.SUPERVISOR.value})
CASE_MANAGER_AND_UP = frozenset({Role.CASE_MANAGER.value, *CLINICIANS})
PROPOSERS = frozenset({Role.CASE_MANAGER.value, Role.PEER_SPECIALIST.value, Role.HOUSE_MANAGER.value, *CLINICIANS})

# Who may see client records at all; whom they see is decided by grants (P2-41, table 1.9).
SEES_RECORDS = frozenset({*PROPOSERS, Role.PRIVACY_OFFICER.value})
# Who answers what other organizations send.
RECEIVES_REFERRALS = frozenset({Role.INTAKE.value, Role.CASE_MANAGER.value, *CLINICIANS})
# Who is told of a client's earlier episodes: neither peers nor houses count how often somebody began (CLN-31).
SEES_PAST_EPISODES = frozenset({*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER.value})
# Who says that only a client's team may see them, and who judges afterwards that somebody opened one (1.9, HIP-10).
RESTRICTS = frozenset({Role.SUPERVISOR.value, Role.PRIVACY_OFFICER.value})
BREAKS_GLASS = CASE_MANAGER_AND_UP
REVIEWS_BREAK_GLASS = frozenset({Role.PRIVACY_OFFICER.value})
# Who runs an organization's accounts: invites, resets, keeps services. Nobody gives what only an admin may take away.
KEEPERS = frozenset({Role.ADMIN.value, Role.SUPERVISOR.value})
KEPT_BY_ADMINS = frozenset({Role.ADMIN.value, Role.SUPERVISOR.value, Role.PRIVACY_OFFICER.value})
