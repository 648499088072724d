"""HTTP skin of `casemgmt.safety`: translates, decides nothing."""
