"""Tells staff by e-mail that something waits for them, and nothing about whom or what it is."""
