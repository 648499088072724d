"""Facts on their way to the rooms that must hear of them. PostgreSQL is the mailbox, the broker a doorbell."""
