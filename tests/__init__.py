"""Tests: real databases, real mail servers, real connectors; only the clock is a fake."""
