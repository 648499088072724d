"""HTTP skin of `referrals`: translates, decides nothing."""
