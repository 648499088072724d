"""HTTP skin of `casemgmt.guidance`: translates, decides nothing."""
