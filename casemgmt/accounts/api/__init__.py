"""HTTP skin of `casemgmt.accounts`: translates, decides nothing."""
