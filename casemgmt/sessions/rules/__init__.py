"""What sessions are judged by. Pure: no database, no clock."""
