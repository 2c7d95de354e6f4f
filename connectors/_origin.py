"""`api_url` of an account: another origin at which its platform's programming interface is."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    try:
        bad = parts.scheme not in ("https", "http") or not parts.hostname or parts.port == 0
    except ValueError:
        bad = True
    if bad or parts.query or parts.fragment:
        raise ValueError("is an address like 'https://gateway.example.com'")
    if parts.username or parts.password:
        raise ValueError("has no user and no password in it")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("begins with https://, for tokens are sent there")
    return url.rstrip("/")


ApiUrl = Annotated[str, AfterValidator(_origin)]
"""Encrypted, or on this machine; a path in front of the platform's own is allowed."""
