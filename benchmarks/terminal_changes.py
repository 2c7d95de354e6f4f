"""From a colleague's change to this screen: how soon it is seen, and what it costs to show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

from benchmarks.data import say
from benchmarks.table import Row, Target, percentile
from benchmarks.terminal_tty import Gone, Tty
from benchmarks.terminal_world import Colleague, Place

_WORK = Target(60, absolute=True)
_MS = 1000
_LOOK_MS = 250
# Far enough down for all that leaves the place above it, and not at the edge of the screen.
_DOWN = 30
# The golden ratio spreads the changes over the second, and so over the looks at the store.
_SPREAD = 0.618
# The cursor's row, by its sign, its countdown and its customer's number, drawn in one go.
_CURSOR = re.compile(
    rb">(?:!!|! |  ) *-?[\d:dh]+ (?:\x1b\[[\d;]*m|>you|[^\x1b>\n])*?Customer (\d+)"
)


def measure(there: Place, count: int) -> Iterator[Row]:
    """What others do directly above the cursor, which has to stay with its conversation."""
    with there.opened() as tty:
        for _ in range(_DOWN):
            tty.press("j")
        tty.beat()
        cursor = _cursor(bytes(tty.output))
        colleague = Colleague(there, int(cursor))
        changes: dict[str, Callable[[], str]] = {
            "insert above": colleague.insert, "remove": colleague.remove,
            "reorder": colleague.reorder, "claim": colleague.claim,
        }  # fmt: skip
        for what, change in changes.items():
            try:
                yield from _rows(tty, there, what, change, count)
            except Gone as gone:
                say(f"FAILED: {what} by others: {gone}")
        colleague.close()
        _say_whether_it_stayed(tty, cursor)


def _rows(
    tty: Tty, there: Place, what: str, change: Callable[[], str], count: int
) -> Iterator[Row]:
    seen, busy = [], []
    for number in range(count):
        tty.settle()
        tty.listen(number * _SPREAD % 1)
        used, mark, word = tty.cpu, len(tty.output), change()
        begin = perf_counter()
        seen.append(tty.begin + tty.until(word, after=mark) - begin)
        tty.settle()
        busy.append(tty.cpu - used)
    size, looks = f"{there.size:,}", "one look at the store, each 250 ms"
    for figure, took in (("median", median(seen)), ("p95", percentile(seen, 95))):
        name = f"{what} by others: seen, {figure}"
        yield Row(name, size, "sqlite", "ms", took * _MS, looks, _LOOK_MS)
    work = percentile(busy, 95) * _MS
    yield Row(
        f"{what} by others: CPU of it, p95", size, "sqlite", "ms", work,
        "its own median", median(busy) * _MS, _WORK,
    )  # fmt: skip


def _cursor(output: bytes) -> bytes:
    """The number of the customer whose row was drawn last under the cursor."""
    rows: list[bytes] = _CURSOR.findall(output)
    if not rows:
        raise Gone(f"no row under the cursor, but {output[-2000:]!r}")
    return rows[-1]


def _say_whether_it_stayed(tty: Tty, cursor: bytes) -> None:
    """One down and one up draws the cursor's row whole, which changes around it do not."""
    mark = len(tty.output)
    tty.press("j")
    tty.press("k")
    tty.beat()
    now = _cursor(bytes(tty.output[mark:]))
    if now == cursor:
        say(f"the cursor stayed on the conversation of customer {cursor.decode()}")
    else:
        say(f"FAILED: the cursor went from customer {cursor.decode()} to {now.decode()}")
