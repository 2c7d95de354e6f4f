"""`python -m benchmarks`: chooses what to measure and prints the table."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from time import perf_counter

from benchmarks import claims, contention, idle, ingest, lists, mail_poll, startup, terminal
from benchmarks.data import Worlds, say, worlds
from benchmarks.facebook_poll import FacebookBench
from benchmarks.table import Row, heading, line
from benchmarks.x_poll import XBench

# Reading comes first: claims change what there is to read.
_SUBJECTS: dict[str, Callable[[Worlds], Iterator[Row]]] = {
    "startup": startup.measure,
    "lists": lists.pages,
    "overdue": lists.counts,
    "claim": claims.measure,
    "ingest": ingest.measure,
    "contention": contention.measure,
    "idle": idle.measure,
    "mail": mail_poll.measure,
    "terminal": terminal.measure,
    "x": XBench.measure,
    "facebook": FacebookBench.measure,
}
_SIZES, _QUICK_SIZES = (10_000, 100_000, 1_000_000), (10_000,)


def main() -> int:
    """0 once all was measured, whatever the verdicts; a double claim or a duplicate raises."""
    args = _arguments()
    begin, rows = perf_counter(), []
    say(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores: the busier, the noisier")
    if not args.json:
        print(heading())
    sizes = args.sizes or (_QUICK_SIZES if args.quick else _SIZES)
    with worlds(sizes, quick=args.quick, peers=args.peers) as made:
        for subject in args.only or _SUBJECTS:
            for row in _SUBJECTS[subject](made):
                rows.append(row)
                if not args.json:
                    print(line(row.cells()), flush=True)
    if args.json:
        print(json.dumps([row.as_json() for row in rows], indent=2, ensure_ascii=False))
    missed = sum(row.verdict == "MISSED" for row in rows)
    say(f"{len(rows)} rows, {missed} targets missed, {perf_counter() - begin:.0f} s")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=_names, help=f"of: {','.join(_SUBJECTS)}")
    parser.add_argument("--sizes", type=_numbers, help="open conversations, as in 10000,100000")
    parser.add_argument("--quick", action="store_true", help="small sizes only: under a minute")
    parser.add_argument("--peers", action="store_true", help="install django-helpdesk to compare")
    parser.add_argument("--json", action="store_true", help="an array instead of the table")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in _SUBJECTS:
            raise argparse.ArgumentTypeError(f"'{name}' is none of {', '.join(_SUBJECTS)}")
    return names


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
