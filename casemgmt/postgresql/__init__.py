"""Django's PostgreSQL backend, strict about the role that a process works under."""
