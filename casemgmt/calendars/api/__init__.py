"""HTTP skin of `casemgmt.calendars`: translates, decides nothing."""
