"""When an organization works: its hours, holidays and zone, and time counted in them."""
