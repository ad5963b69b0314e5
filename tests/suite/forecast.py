"""Log and reference values for forecast.rs, by scikit-learn, SciPy and NumPy.

    pip install numpy scipy scikit-learn
    python forecast.py        # writes forecast.csv and forecast.json beside itself

Interval score, weighted interval score, MASE and Diebold-Mariano are written out by their formulas (Gneiting and
Raftery 2007 eq. 43; Bracher et al. 2021 eq. 1; Hyndman and Koehler 2006; Harvey, Leybourne and Newbold 1997 eq. 8-9).
"""

import csv
import datetime
import json
import pathlib

import numpy as np
from scipy import fft, optimize, stats
from scipy.special import xlogy
from sklearn import metrics as sk

HERE = pathlib.Path(__file__).parent
DAYS, LEVELS = 40, [0.1, 0.25, 0.5, 0.75, 0.9]
rng = np.random.default_rng(7)
rows = []
for name in ["north", "south", "west", "flat"]:
    level = 0.0
    for day in range(DAYS):
        level = 0.7 * level + rng.normal()
        truth = 12.0 if name == "flat" else round(20 + 3 * level, 3)
        row = dict(id=f"{name}-{day}", series_id=name, ts=str(datetime.date(2026, 3, 1) + datetime.timedelta(day)) + "T00:00:00Z")
        row |= dict(lead=1 + day % 3, y=truth)
        for arm, (spread, bias) in dict(champion=(1.6, 0.8), challenger=(2.2, 0.1)).items():
            middle = truth + bias + rng.normal() * 1.5
            row[f"pred_{arm}"] = round(middle, 3)
            for q in LEVELS:
                row[f"{arm}_q{q}"] = round(middle + spread * stats.norm.ppf(q), 3)
        rows.append(row)
order = rng.permutation(len(rows))
with open(HERE / "forecast.csv", "w", newline="") as file:
    out = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
    out.writeheader()
    out.writerows(rows[i] for i in order)

col = lambda name: np.array([row[name] for row in rows])
y, series, ts = col("y"), col("series_id"), col("ts")
SEASON = 7


def scales(season):
    """Mean of |y_t - y_(t-m)| by row, rows being in the order of time within a series; and how many differences."""
    scale, differences = np.full(len(y), np.nan), 0
    for name in np.unique(series):
        own = series == name
        change = np.abs(y[own][season:] - y[own][:-season])
        if change.mean() > 0:
            scale[own], differences = change.mean(), differences + len(change)
    return scale, differences


scale, _ = scales(1)
seasonal, differences = scales(SEASON)
scaled = np.isfinite(scale)


def mean_interval(values):
    n, m = len(values), values.mean()
    half = stats.t.isf(0.025, n - 1) * values.std(ddof=1) / np.sqrt(n)
    return [m, m - half, m + half]


def score_interval(gained, lost, n):
    """Interval of a difference of paired shares by inverting the score test (Tango 1998, Stat Med 17:891), its nuisance
    parameter by numerical maximum likelihood."""

    def z(d):
        likelihood = lambda q: -(xlogy(gained, q + d) + xlogy(lost, q) + xlogy(n - gained - lost, 1 - 2 * q - d))
        ends = (max(0.0, -d) + 1e-15, (1 - d) / 2 - 1e-15)
        q = optimize.minimize_scalar(likelihood, bounds=ends, method="bounded", options=dict(xatol=1e-14)).x
        return (gained - lost - n * d) / np.sqrt(n * (2 * q + d - d * d))

    m, crit = (gained - lost) / n, stats.norm.isf(0.025)
    lo = optimize.brentq(lambda d: z(d) - crit, -1 + 1e-9, m, xtol=1e-14)
    return [m, lo, optimize.brentq(lambda d: z(d) + crit, m, 1 - 1e-9, xtol=1e-14)]


def interval_score(lo, hi, a):
    return hi - lo + 2 / a * np.maximum(lo - y, 0) + 2 / a * np.maximum(y - hi, 0)


def diebold_mariano(d, h):
    n = len(d)
    c = d - d.mean()
    gamma = [np.sum(c[k:] * c[: n - k]) / n for k in range(h)]
    v = gamma[0] + 2 * sum(gamma[1:])
    se = np.sqrt(v / n) / np.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    s = d.mean() / se
    half = stats.t.isf(0.025, n - 1) * se
    return dict(difference=[d.mean(), d.mean() - half, d.mean() + half], statistic=s, p=2 * stats.t.sf(abs(s), n - 1))


def unknown_horizon(d):
    """Variance by the cosine transforms of low frequency (Lazarus et al. 2018), t on as many degrees."""
    n = len(d)
    count = int(0.4 * n ** (2 / 3))
    omega = np.mean(fft.dct(d, type=2, norm="ortho")[1 : count + 1] ** 2)
    se = np.sqrt(omega / n)
    s, half = d.mean() / se, stats.t.isf(0.025, count) * se
    return dict(difference=[d.mean(), d.mean() - half, d.mean() + half], statistic=s, p=2 * stats.t.sf(abs(s), count), cosines=count)


found, per_row = dict(arms={}), {}
for arm in ["champion", "challenger"]:
    p = col(f"pred_{arm}")
    q = {level: col(f"{arm}_q{level}") for level in LEVELS}
    e = np.abs(p - y)
    pinball = {level: np.maximum(level * (y - v), (level - 1) * (y - v)) for level, v in q.items()}
    scores = {a: interval_score(q[a / 2], q[1 - a / 2], a) for a in [0.2, 0.5]}
    held = ((q[0.1] <= y) & (y <= q[0.9])).astype(float)
    wis = (0.5 * np.abs(y - q[0.5]) + sum(a / 2 * s for a, s in scores.items())) / 2.5
    assert np.isclose(pinball[0.9].mean(), sk.mean_pinball_loss(y, q[0.9], alpha=0.9))
    # Twice the mean pinball loss over symmetric levels with the median is the weighted interval score.
    assert np.isclose(wis.mean(), 2 * np.mean([x.mean() for x in pinball.values()]))
    per_row[arm] = dict(e=e, pinball_loss=np.mean(list(pinball.values()), axis=0), interval_coverage=held,
                        interval_score=np.mean(list(scores.values()), axis=0), wis=wis, q10=pinball[0.1])
    found["arms"][arm] = dict(
        mase=(e[scaled] / scale[scaled]).mean(), smape=np.mean(2 * e / (abs(y) + abs(p))), wape=e.sum() / y.sum(),
        **{k: per_row[arm][k].mean() for k in ["pinball_loss", "interval_coverage", "interval_score", "wis"]},
    )
both = lambda k: per_row["challenger"][k] - per_row["champion"][k]
found["differences"] = {k: mean_interval(both(k)) for k in ["pinball_loss", "interval_score", "wis"]}
held = both("interval_coverage")
found["interval_coverage_difference"] = score_interval((held > 0).sum(), (held < 0).sum(), len(held))
found["pinball_difference_at_10"] = mean_interval(both("q10"))
days = sorted(set(ts))
daily = lambda d: np.array([d[ts == day].mean() for day in days])
absolute = daily(both("e"))
squared = daily(per_row["challenger"]["e"] ** 2 - per_row["champion"]["e"] ** 2)
found["unknown_horizon"] = [unknown_horizon(d) for d in (absolute, squared)]
found["horizon_3"] = [diebold_mariano(d, 3) for d in (absolute, squared)]
seasonal_mase = {arm: (per_row[arm]["e"][scaled] / seasonal[scaled]).mean() for arm in found["arms"]}
found["season"] = dict(rows=SEASON, differences=differences, mase=seasonal_mase)
(HERE / "forecast.json").write_text(json.dumps(found, indent=1) + "\n")
