"""The client's pathway: one lead stage, guarded verbs, an append-only ledger."""
