"""Private, throw-away real servers (PostgreSQL, Dovecot, Exim) for the tests."""
