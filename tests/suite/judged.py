"""Writes judged.json: log-probabilities of tokens and verdicts of a judge, and what NumPy makes of them.

python3 judged.py    (NumPy 2)
"""

import json
import re
from pathlib import Path

import numpy as np

ROWS = 80
rng = np.random.default_rng(20260312)
lengths = rng.integers(3, 15, ROWS)
arms = {
    "champion": [np.round(-rng.exponential(1.1, n), 4).tolist() for n in lengths],
    "challenger": [np.round(-rng.exponential(0.9, n), 4).tolist() for n in lengths + rng.integers(-2, 3, ROWS)],
}
verdicts = rng.choice([1.0, 0.5, 0.0], ROWS, p=[0.5, 0.2, 0.3]).tolist()
verdicts[7] = verdicts[33] = None  # nobody judged these


def perplexity(rows):
    tokens = np.concatenate([np.array(row) for row in rows])
    return float(np.exp(-tokens.mean()))


def win_rate(found):
    return float(np.mean([value for value in found if value is not None]))


def jackknife(values):
    values = np.array(values)
    n = len(values)
    return float(np.sqrt((n - 1) / n * ((values - values.mean()) ** 2).sum()))


without = lambda rows, row: rows[:row] + rows[row + 1 :]
difference = [
    perplexity(without(arms["challenger"], row)) - perplexity(without(arms["champion"], row)) for row in range(ROWS)
]
stored = {
    "versions": {"numpy": np.__version__},
    "logprobs": arms,
    "verdicts": verdicts,
    "perplexity": {arm: perplexity(rows) for arm, rows in arms.items()},
    "perplexity_error": jackknife(difference),
    "win_rate": win_rate(verdicts),
    "win_rate_error": jackknife([win_rate(without(verdicts, row)) for row in range(ROWS)]),
}
text = json.dumps(stored, indent=1)
text = re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda m: "[" + re.sub(r"\s+", "", m.group(1)) + "]", text)
Path(__file__).with_name("judged.json").write_text(text + "\n")
