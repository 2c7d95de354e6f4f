"""A subject without what mail programs put before it."""

from __future__ import annotations


def base_subject(subject: str) -> str:
    return subject.casefold().removeprefix("re: ").strip()
