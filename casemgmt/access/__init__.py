"""Grants: who may see which client, why and until when. One table answers for every client row."""
