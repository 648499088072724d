"""The words every room shares: who acts, what can go wrong, how a lifecycle moves. No tables, no HTTP."""
