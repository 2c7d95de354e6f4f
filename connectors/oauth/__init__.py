"""Signing in with OAuth 2.0 tokens: got once by a person, renewed and kept from then on."""
