"""E-mail: an IMAP inbox read without leaving a trace, answers over SMTP."""
