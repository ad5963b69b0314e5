"""What the makers of the samples share: ids, time stamps, files that come out equal to the byte."""

import datetime as dt
import gzip
import hashlib
import json
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np


def ids(prefix: str, seed: int, n: int, digits: int = 12) -> list[str]:
    """Distinct ids that tell nothing about the rows behind them."""
    out = [prefix + hashlib.sha256(f"{seed}/{prefix}{i}".encode()).hexdigest()[:digits] for i in range(n)]
    assert len(set(out)) == n
    return out


def stamp(t: dt.datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    t = t.astimezone(dt.UTC)
    return t.strftime("%Y-%m-%dT%H:%M:%S.") + f"{t.microsecond // 1000:03d}Z"


def write_gz(path: Path, lines: list[str]):
    path.parent.mkdir(exist_ok=True)
    with open(path, "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=0) as z:
        z.write(("\n".join(lines) + "\n").encode())


def write_text(path: Path, lines: list[str]):
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", newline="\n")


def timed(call, *args):
    """Answer of one call and the milliseconds it took."""
    start = time.perf_counter()
    answer = call(*args)
    return answer, (time.perf_counter() - start) * 1e3


def quantiles(millis) -> dict[str, float]:
    return {f"latency_p{q}": float(np.quantile(millis, q / 100)) for q in (50, 95, 99)}


def write_expected(path: Path, facts: dict, *packages: str):
    """Reference numbers beside the logs they were computed from; numbers, no text, so that tests can read them."""
    facts = {**facts, "versions": {name: version(name) for name in packages}}
    path.write_text(json.dumps(facts, indent=1, default=float) + "\n", newline="\n")
    print(json.dumps(facts, indent=1, default=float))
