"""HTTP skin of `casemgmt.places`: translates, decides nothing."""
