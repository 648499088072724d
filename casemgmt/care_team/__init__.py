"""Who cares for a client in one organization, in which role, since when and until when."""
