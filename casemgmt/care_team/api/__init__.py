"""HTTP skin of `casemgmt.care_team`: translates, decides nothing."""
