"""IMAP as far as a help desk needs it: looking at folders without leaving a trace."""
