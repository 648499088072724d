"""What people do with disclosures afterwards. Doors."""
