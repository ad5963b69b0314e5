"""Reference values for reference.rs, by scikit-learn, statsmodels and SciPy.

    pip install numpy pandas scipy scikit-learn statsmodels
    python reference.py > reference.json

The rows are made by the same integer generator as in reference.rs. Written for these definitions: values by
scikit-learn; intervals of means and of the calibration line by statsmodels' (cluster-)robust covariance with the factor
G / (G - 1) and Student's t; Wilson by statsmodels; DeLong, Tango, McNemar's mid-p and influence vectors by formula.
"""

import json

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import optimize, stats
from sklearn import metrics
from statsmodels.stats.proportion import proportion_confint

ROWS, LEVEL, LIMIT, COSTS = 600, 0.95, 0.05, (1.0, 7.0)
Z = stats.norm.isf((1 - LEVEL) / 2)
EPS = np.finfo(float).eps


def rows():
    state, out = 12345, []
    def draw(below):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % below
    unit_shift = 0
    for row in range(ROWS):
        if row % 3 == 0:
            unit_shift = draw(300)
        y = int(draw(1000) + unit_shift > 850)
        base = 250 * y + unit_shift + draw(300)
        a = min(990, max(10, base + draw(350) - 100))
        b = min(990, max(10, base + draw(200) - 60))
        out.append((y, a / 1000, b / 1000, row // 3, (80 + draw(400)) / 8, (90 + draw(500)) / 8))
    return [np.array(column) for column in zip(*out)]


def robust(u, units):
    """Standard error of a mean-zero influence vector, and degrees of freedom."""
    n = len(u)
    sums = u if units is None else pd.Series(u).groupby(units).sum().to_numpy()
    g = len(sums)
    return np.sqrt(g / (g - 1) * (sums**2).sum()) / n, g - 1


def student(value, u, units, df=None):
    se, free = robust(u, units)
    if df is not None:
        g = len(np.unique(units))
        se, free = se * np.sqrt((g - 1) / g * (df + 1) / df), df
    half = stats.t.isf((1 - LEVEL) / 2, free) * se
    return dict(value=value, lo=value - half, hi=value + half, se=se, p=2 * stats.t.sf(abs(value / se), free))


def both(pairs, units, df=None):
    (a, u), (b, v) = pairs
    arm = lambda found: {key: found[key] for key in ("value", "lo", "hi")}
    return [arm(student(a, u, units, df)), arm(student(b, v, units, df)), student(b - a, v - u, units, df)]


def components(y, s):
    pos = y == 1
    rank = stats.rankdata
    return (rank(s)[pos] - rank(s[pos])) / (~pos).sum(), 1 - (rank(s)[~pos] - rank(s[~pos])) / pos.sum()


def spread(y, positive, negative):
    n, m = len(y), y.sum()
    u = np.empty(n)
    u[y == 1] = (positive - positive.mean()) * n / m
    u[y == 0] = (negative - negative.mean()) * n / (n - m)
    return u


def auc(y, scores, units):
    value = [metrics.roc_auc_score(y, s) for s in scores]
    parts = [components(y, s) for s in scores]
    if units is not None:
        return both([(v, spread(y, *p)) for v, p in zip(value, parts)], units)
    def variance(p):
        return p[0].var(ddof=1) / y.sum() + p[1].var(ddof=1) / (len(y) - y.sum())
    def wald(v, var):
        se = np.sqrt(var)
        return dict(value=v, lo=v - Z * se, hi=v + Z * se, se=se, p=2 * stats.norm.sf(abs(v / se)))
    arms = [{k: wald(v, variance(p))[k] for k in ("value", "lo", "hi")} for v, p in zip(value, parts)]
    apart = [parts[1][i] - parts[0][i] for i in (0, 1)]
    return arms + [wald(value[1] - value[0], variance(apart))]


def ap_influence(y, s):
    above = s[None, :] >= s[:, None]
    count, hits = above.sum(1), (above * y).sum(1)
    below = s[None, :] <= s[:, None]
    first, second = (below * (y / count)).sum(1), (below * (y * hits / count**2)).sum(1)
    value = metrics.average_precision_score(y, s)
    return value, len(y) / y.sum() * (y * (hits / count + first - value) - second)


def partial(y, s):
    """McClish's scale; the influence by numerical derivative of the area in the weight of each row."""
    value = metrics.roc_auc_score(y, s, max_fpr=LIMIT)
    def area(weights):
        fpr, tpr, _ = metrics.roc_curve(y, s, sample_weight=weights, drop_intermediate=False)
        stop = np.searchsorted(fpr, LIMIT, side="right")
        fpr, tpr = np.append(fpr[:stop], LIMIT), np.append(tpr[:stop], np.interp(LIMIT, fpr, tpr))
        return 0.5 * (1 + (np.trapezoid(tpr, fpr) - LIMIT**2 / 2) / (LIMIT - LIMIT**2 / 2))
    slope = np.empty(len(y))
    for row in range(len(y)):
        step = np.zeros(len(y))
        step[row] = 1e-4
        slope[row] = (area(1 + step) - area(1 - step)) / 2e-4 * len(y)
    return value, slope


def cells(y, d, f):
    """Value and influence of a function of the cell shares, by complex step."""
    cell = 2 * y + d
    share = np.bincount(cell, minlength=4) / len(y)
    slope = np.array([f(share + 1e-30j * (np.arange(4) == k)).imag / 1e-30 for k in range(4)])
    u = slope[cell]
    return f(share).real, u - u.mean()


def ratio(top, bottom):
    return lambda c: top(*c) / bottom(*c)


CELLS = {
    "accuracy": ratio(lambda n, a, m, h: n + h, lambda n, a, m, h: n + a + m + h),
    "balanced_accuracy": lambda c: 0.5 * (c[3] / (c[3] + c[2]) + c[0] / (c[0] + c[1])),
    "precision": ratio(lambda n, a, m, h: h, lambda n, a, m, h: h + a),
    "recall": ratio(lambda n, a, m, h: h, lambda n, a, m, h: h + m),
    "specificity": ratio(lambda n, a, m, h: n, lambda n, a, m, h: n + a),
    "f1": ratio(lambda n, a, m, h: 2 * h, lambda n, a, m, h: 2 * h + a + m),
    "mcc": lambda c: (c[3] * c[0] - c[1] * c[2])
    / np.sqrt((c[3] + c[1]) * (c[3] + c[2]) * (c[0] + c[1]) * (c[0] + c[2])),
    "kappa": lambda c: 2 * (c[3] * c[0] - c[1] * c[2]) / ((c[3] + c[1]) * (c[1] + c[0]) + (c[3] + c[2]) * (c[2] + c[0])),
    "flag_rate": ratio(lambda n, a, m, h: h + a, lambda n, a, m, h: n + a + m + h),
    "cost": lambda c: (COSTS[0] * c[1] + COSTS[1] * c[2]) / c.sum(),
}
SCIKIT = {
    "accuracy": metrics.accuracy_score,
    "balanced_accuracy": metrics.balanced_accuracy_score,
    "precision": metrics.precision_score,
    "recall": metrics.recall_score,
    "f1": metrics.f1_score,
    "mcc": metrics.matthews_corrcoef,
    "kappa": metrics.cohen_kappa_score,
}


def tango(gained, lost, n):
    def score(d):
        a, b, c = 2 * n, -gained - lost + (2 * n - gained + lost) * d, -lost * d * (1 - d)
        q = (np.sqrt(b * b - 4 * a * c) - b) / (2 * a)
        return (gained - lost - n * d) / np.sqrt(n * (2 * q + d * (1 - d)))
    d = (gained - lost) / n
    find = lambda target, lo, hi: optimize.brentq(lambda x: score(x) - target, lo, hi, xtol=1e-15, rtol=1e-14)
    flips, least = gained + lost, min(gained, lost)
    p = 1 - 0.5 * stats.binom.pmf(least, flips, 0.5) if gained == lost else (
        2 * stats.binom.cdf(least, flips, 0.5) - stats.binom.pmf(least, flips, 0.5))
    return dict(value=d, lo=find(Z, -1 + 1e-9, d - 1e-9), hi=find(-Z, d + 1e-9, 1 - 1e-9), p=p)


def decided(name, y, decisions, units):
    pairs = [cells(y, d, CELLS[name]) for d in decisions]
    for d, (value, _) in zip(decisions, pairs):
        assert name not in SCIKIT or abs(SCIKIT[name](y, d) - value) < 1e-12, name
    of_class = {"recall": 1, "specificity": 0}.get(name)
    if units is not None:
        # Units without a row of the class have no say in a rate of the class.
        df = None if of_class is None else len(np.unique(units[y == of_class])) - 1
        return both(pairs, units, df)
    found = both(pairs, None)
    within = np.ones(len(y), bool) if of_class is None else y == of_class
    success = {"recall": lambda d: d == 1, "specificity": lambda d: d == 0, "accuracy": lambda d: d == y,
               "flag_rate": lambda d: d == 1}.get(name)
    wilson = lambda hits, n: dict(zip(("value", "lo", "hi"), (hits / n, *proportion_confint(hits, n, method="wilson"))))
    if success:
        a, b = [success(d)[within] for d in decisions]
        found = [wilson(a.sum(), len(a)), wilson(b.sum(), len(b)), tango((b & ~a).sum(), (a & ~b).sum(), len(a))]
    if name == "precision":
        found[:2] = [wilson((d & y).sum(), d.sum()) for d in decisions]
    return found


def mean_loss(losses, units):
    def fit(x):
        design = np.ones((len(x), 1))
        if units is None:
            return sm.OLS(x, design).fit()
        return sm.OLS(x, design).fit(cov_type="cluster", cov_kwds=dict(groups=units), use_t=True)
    def read(x):
        m = fit(x)
        (lo, hi), = m.conf_int(1 - LEVEL)
        return dict(value=m.params[0], lo=lo, hi=hi, se=m.bse[0], p=m.pvalues[0])
    a, b = losses
    return [{k: read(x)[k] for k in ("value", "lo", "hi")} for x in (a, b)] + [read(b - a)]


def calibration_line(y, scores, units):
    n = len(y)
    slopes, intercepts = [], []
    for s in scores:
        x = np.log(s / (1 - s))
        design = sm.add_constant(x)
        free = sm.GLM(y, design, family=sm.families.Binomial()).fit(tol=1e-15, tol_criterion="params")
        p = free.fittedvalues
        bread = np.linalg.inv((design * (p * (1 - p))[:, None]).T @ design)
        slopes.append((free.params[1], n * (design @ bread[:, 1]) * (y - p)))
        fixed = sm.GLM(y, np.ones(n), offset=x, family=sm.families.Binomial()).fit(tol=1e-15, tol_criterion="params")
        q = fixed.fittedvalues
        intercepts.append((fixed.params[0], n * (y - q) / (q * (1 - q)).sum()))
    return both(slopes, units), both(intercepts, units)


def calibration_error(y, s):
    top, n = np.sort(s)[::-1], len(s)
    edges = np.unique([top[n - b * n // 15 - 1] for b in range(1, 15)])
    code = np.searchsorted(edges, s, side="right")
    return np.abs(np.bincount(code, y - s)).sum() / n


def reference(y, scores, units):
    decisions = [(s >= 0.5).astype(int) for s in scores]
    found = {name: decided(name, y, decisions, units) for name in CELLS}
    found["roc_auc"] = auc(y, scores, units)
    found["average_precision"] = both([ap_influence(y, s) for s in scores], units)
    found["partial_auc"] = both([partial(y, s) for s in scores], units)
    found["brier"] = mean_loss([(s - y) ** 2 for s in scores], units)
    found["log_loss"] = mean_loss([-np.log(np.where(y == 1, s, 1 - s)) for s in scores], units)
    for s in scores:
        assert abs(metrics.brier_score_loss(y, s) - ((s - y) ** 2).mean()) < 1e-12
        assert abs(metrics.log_loss(y, s) + np.log(np.where(y == 1, s, 1 - s)).mean()) < 1e-12
    found["calibration_slope"], found["calibration_intercept"] = calibration_line(y, scores, units)
    errors = [calibration_error(y, s) for s in scores]
    found["calibration_error"] = [dict(value=e) for e in errors] + [dict(value=errors[1] - errors[0])]
    return found


def main():
    y, a, b, units, fast, slow = rows()
    latency = {f"latency_p{round(q * 100)}": [float(np.quantile(x, q)) for x in (fast, slow)] for q in (0.5, 0.95, 0.99)}
    scores = dict(
        ks_distance=stats.ks_2samp(a, b).statistic,
        pearson=stats.pearsonr(a, b).statistic,
    )
    out = dict(rows=reference(y, [a, b], None), units=reference(y, [a, b], units), latency=latency, scores=scores)
    print(json.dumps(out, indent=1, default=float))


if __name__ == "__main__":
    main()
