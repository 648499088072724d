"""HTTP skin of `casemgmt.worklist`: translates, decides nothing."""
