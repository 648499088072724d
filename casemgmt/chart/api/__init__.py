"""HTTP skin of `casemgmt.chart`: translates, decides nothing."""
