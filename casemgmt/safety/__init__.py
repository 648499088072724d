"""Risk alerts, the ladder on which they climb until somebody answers, and who is on call."""
