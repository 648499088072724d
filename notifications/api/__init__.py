"""HTTP skin of `notifications`: translates, decides nothing."""
