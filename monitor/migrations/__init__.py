"""The schema, step by step; each step knows SQLite and PostgreSQL."""

HEAD = "0004"
"""The newest step: a database that says so is opened without loading anything else."""
