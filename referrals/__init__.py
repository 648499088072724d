"""Closed-loop hand-offs of a client between organizations: asked, answered, carried out, and known to both."""
