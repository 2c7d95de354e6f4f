"""What every played platform is: something that is started, and stopped again whatever happens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Played(ABC):
    """Runs as long as its `with` block."""

    @abstractmethod
    def start(self) -> None:
        """Listen; harmless if it does already."""

    @abstractmethod
    def stop(self) -> None:
        """Listen no more; harmless if stopped."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
