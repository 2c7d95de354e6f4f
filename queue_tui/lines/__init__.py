"""The same work line by line, for screen readers, bad links and dumb terminals."""
