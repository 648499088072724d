"""The skin of the sessions room."""
