"""HTTP skin of `programs`: translates, decides nothing."""
