"""Platforms played on loopback inside this process, for the demo and for tests."""
