"""What staff record of an episode and the pathway asks about: levels of care, plans, contacts, return to use."""
