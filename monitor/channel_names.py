"""What people call the channels: in a sentence, in a narrow column, and while searching.

A channel that isn't named here is called as its account's settings call it.
"""

from __future__ import annotations

_SPOKEN = {"email": "e-mail", "twitter": "X", "facebook": "Facebook"}
_SHORT = {"email": "mail", "twitter": "x", "facebook": "fb"}
_MEANT = {name.lower(): channel for names in (_SPOKEN, _SHORT) for channel, name in names.items()}


def spoken(channel: str) -> str:
    """Its name in a sentence."""
    return _SPOKEN.get(channel, channel)


def short(channel: str) -> str:
    """Its name where there is room for four letters."""
    return _SHORT.get(channel, channel)


def meant(name: str) -> str:
    """The channel that somebody calls so, whichever name they use."""
    return _MEANT.get(name.lower(), name.lower())
