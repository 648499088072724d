"""Consents, disclosures and notices: what the law lets leave, and what left."""
