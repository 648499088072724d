"""What is judged here without a database."""
