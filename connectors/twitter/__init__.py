"""X (Twitter): posts that mention us and direct messages, read and answered through its API v2."""
