"""Disclosures that need people afterwards: emergencies, spoken ones, and the client's own accounting."""
