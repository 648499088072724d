"""Pure rules of waitlists: how the rank is made, and who fits a place."""
