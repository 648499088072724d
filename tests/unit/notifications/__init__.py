"""Tests of the pure half of texting: times, words, segments, signatures, the gate."""
