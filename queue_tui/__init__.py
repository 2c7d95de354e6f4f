"""The terminal in which support staff work through the queue."""
