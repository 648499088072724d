"""What the programs room does, one module by noun: the directory, places, enrollments, sessions."""
