"""Staff, organizations, memberships, roles and their tokens. No client data."""
