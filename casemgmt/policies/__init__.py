"""The numbers an organization may set for itself: days, hours, thresholds, cadences. Laws bound them."""
