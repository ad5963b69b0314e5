"""Seconds that polars' own reader takes for a CSV or JSON lines file: all columns as text, and typed by it.

    python ingest.py FILE
"""

import sys
import time

import polars as pl

path = sys.argv[1]


def best(read):
    times = []
    for _ in range(7):
        start = time.perf_counter()
        read()
        times.append(time.perf_counter() - start)
    return min(times)


if path.endswith(".csv"):
    text = best(lambda: pl.read_csv(path, infer_schema=False))
    typed = best(lambda: pl.read_csv(path))
else:
    # JSON has no reading as text: both are the same.
    text = typed = best(lambda: pl.read_ndjson(path))
print(text, typed)
