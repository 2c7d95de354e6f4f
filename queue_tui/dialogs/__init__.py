"""Boxes over the screen: a question, a choice, help."""
