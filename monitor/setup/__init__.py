"""A configuration made by asking: one question at a time, each account tried at once."""
