"""HTTP skin of `casemgmt.consent`: translates, decides nothing."""
