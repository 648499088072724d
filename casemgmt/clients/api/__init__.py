"""HTTP skin of `casemgmt.clients`: translates, decides nothing."""
