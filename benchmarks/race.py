"""Measuring side by side: everybody runs a short burst in turn, and the median burst counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter

Call = Callable[[], object]

# A burst fits into what the kernel gives a process at a time: on a busy machine, too, the median
# of many is a burst that nobody interrupted.
_BURST_SECONDS = 0.004


def race(
    contenders: Mapping[str, Call], *, rounds: int, calls: int | None = None
) -> dict[str, float]:
    """Seconds for one call of each contender, in bursts of `calls`; who begins a round changes."""
    names = list(contenders)
    if calls is None:
        calls = _fitting(contenders)
    took: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            took[name].append(burst(contenders[name], calls) / calls)
    return {name: median(bursts) for name, bursts in took.items()}


def burst(call: Call, calls: int) -> float:
    """Seconds for so many calls in a row."""
    begin = perf_counter()
    for _ in range(calls):
        call()
    return perf_counter() - begin


def _fitting(contenders: Mapping[str, Call]) -> int:
    once = [min(burst(call, 2) / 2 for _ in range(3)) for call in contenders.values()]
    return max(1, min(100, round(_BURST_SECONDS / median(once))))
