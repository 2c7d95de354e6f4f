"""X (Twitter): posts that concern us and direct messages, read and answered through its API v2."""
