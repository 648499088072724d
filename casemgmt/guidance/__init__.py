"""Transparent suggestions from dated facts. They never enroll anybody; a person decides."""
