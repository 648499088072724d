"""Doors of the referrals room."""
