"""What the network offers and who takes part: the directory, enrollments with their places."""
