#!/usr/bin/env python3
"""Makes sample_data/article-live-shadow: the smallest log there is, two columns and no ids.

    pip install scikit-learn==1.9.1
    python make_article.py
"""

import datetime as dt
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 20260308
OUT = Path(__file__).resolve().parent / "article-live-shadow"
FILES, ROWS = 5, 10
FIRST = dt.datetime(2026, 3, 8, 10, 45, 12)
SHADOW_SECS = [7, 6, 9, 7, 8]  # the shadow run writes its file some seconds after the live one

data = load_breast_cancer()
columns = list(data.feature_names)
order = np.random.default_rng(SEED).permutation(len(data.target))
test, train = order[: FILES * ROWS], order[FILES * ROWS :]
live_uses = [columns.index(c) for c in ("mean texture", "mean smoothness")]

live = make_pipeline(StandardScaler(), LogisticRegression())
live.fit(data.data[train][:, live_uses], data.target[train])
shadow = RandomForestClassifier(n_estimators=25, max_depth=4, random_state=SEED)
shadow.fit(data.data[train], data.target[train])

right = {"live": 0, "shadow": 0}
seen = set()
for k in range(FILES):
    rows = test[k * ROWS : (k + 1) * ROWS]
    act = data.target[rows]
    seen.add(tuple(act))
    written = FIRST + dt.timedelta(days=k, seconds=11 * k)
    for mode, pred, when in (
        ("live", live.predict(data.data[rows][:, live_uses]), written),
        ("shadow", shadow.predict(data.data[rows]), written + dt.timedelta(seconds=SHADOW_SECS[k])),
    ):
        (OUT / mode).mkdir(parents=True, exist_ok=True)
        lines = ["pred,act", *(f"{p},{a}" for p, a in zip(pred, act))]
        path = OUT / mode / f"{mode}_pred_{when:%Y-%m-%d %H%M%S}.csv"
        path.write_text("\n".join(lines) + "\n", newline="\n")
        right[mode] += int((pred == act).sum())
assert len(seen) == FILES  # no two batches share their sequence of truths
print(right, "of", FILES * ROWS, "right")
