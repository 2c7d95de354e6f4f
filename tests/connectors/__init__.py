"""The channels, each against a real server."""
