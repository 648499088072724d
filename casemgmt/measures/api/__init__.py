"""HTTP skin of `casemgmt.measures`: translates, decides nothing."""
