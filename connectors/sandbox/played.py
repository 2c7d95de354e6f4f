"""What every played platform is: started, listening, and stopped again whatever happens."""

from __future__ import annotations

from abc import ABC, abstractmethod
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

    def __exit__(self, *error: object) -> None:
        self.stop()
