"""Ratios against the bare limit, side by side in one run: `make bench`."""
