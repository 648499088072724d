"""HTTP skin of `casemgmt.access`: translates, decides nothing."""
