"""HTTP skin of `casemgmt.episodes`: translates, decides nothing."""
