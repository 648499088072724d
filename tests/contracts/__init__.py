"""One suite for all gateways, and what the stand-in carrier promises: real processes, no mocks."""
