"""Rows that tests start from, one file per room."""
