"""The directory's exchange format: HSDS 3.0 (Open Referral). Schemas, reading, and what maps to what. No tables."""
