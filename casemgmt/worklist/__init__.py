"""Things a human must do, by when."""
