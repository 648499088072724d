"""HTTP skin of `casemgmt.policies`: translates, decides nothing."""
