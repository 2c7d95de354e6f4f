"""Every message that the clerk's thread posts to the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.message import Message


class Done(Message):
    """A call to the desk came back; `then` takes its result on the screen's own thread."""

    def __init__(self, then: Callable[[Any], None], result: Any) -> None:
        super().__init__()
        self.then = then
        self.result = result


class Failed(Message):
    """A call to the desk failed; `reason` is fit for the screen.

    A `refusal` says that it can't be done as asked; anything else is a fault that may pass.
    """

    def __init__(self, reason: str, then: Callable[[str], None] | None, *, refusal: bool) -> None:
        super().__init__()
        self.reason = reason
        self.refusal = refusal
        self.then = then


class UnderWay(Message):
    """How far something long has come, for which the desk has to be waited for; "" at its end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
