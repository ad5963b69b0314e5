"""Oracle values for statistics.rs: what independent libraries, or a direct computation, say of the functions in src/stats.

    pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0 scikit-learn==1.9.1 mpmath==1.4.1
    python statistics.py > statistics.json

An entry is one public function: who says so (`by`), the tolerance relative to the value (`tol`) or to `floor` where the
value is smaller, and the cases `[inputs, outputs]`. A string among the inputs names a sample of `data`. Nothing here
repeats a formula of the Rust code where a library, an enumeration or a numerical integral gives the same number.
"""

import itertools
import json
import math
import warnings

import mpmath as mp
import numpy as np
import statsmodels.api as sm
from scipy import fft, optimize, spatial, special, stats
from sklearn import isotonic, metrics
from statsmodels.stats import contingency_tables, meta_analysis, power, proportion, sandwich_covariance, weightstats
from statsmodels.stats.multitest import multipletests
from statsmodels.tsa.stattools import acovf

warnings.simplefilter("ignore")
mp.mp.dps = 40
OUT, DATA = {}, {}


def entry(name, by, cases, tol=1e-12, floor=0.0):
    flat = lambda v: [x for part in v for x in flat(part)] if isinstance(v, (list, tuple, np.ndarray)) else [v]
    plain = lambda v: "inf" if v == np.inf else v if isinstance(v, (str, bool)) else int(v) if isinstance(v, (int, np.integer)) else float(v)
    args = lambda v: [args(x) for x in v] if isinstance(v, (list, tuple, np.ndarray)) else plain(v)
    assert name not in OUT, name
    OUT[name] = dict(by=by, tol=tol, floor=floor, cases=[[args(i), [plain(x) for x in flat(o)]] for i, o in cases])


def over(f, *inputs):
    return [(list(i), f(*i)) for i in inputs]


def data(name, values):
    DATA[name] = [float(v) for v in values]
    return np.array(DATA[name])


def solve(f, lo, hi):
    return optimize.brentq(f, lo, hi, xtol=1e-300, rtol=1e-15, maxiter=1000)


# Seeded samples, rounded so that they have ties and are exact in the file.
rng = np.random.default_rng(20240611)
D = {
    "x": np.round(rng.normal(10, 3, 40), 2), "y": np.round(rng.gamma(3, 3, 31), 2),
    "pre": np.round(rng.normal(50, 9, 40), 1), "preb": np.round(rng.normal(50, 9, 31), 1),
    "tied": rng.integers(0, 5, 30), "tiedb": rng.integers(1, 6, 25),
    "d": np.round(rng.normal(0.4, 1.2, 36), 3), "dz": rng.integers(-3, 5, 45),
    "small": [1.5, -0.25, 2.0, 3.25, -1.0, 0.5, 4.0, 0.75, -0.1, 1.1],
    "ar": np.round(np.convolve(rng.normal(0, 1, 65), [1, 0.6, 0.3])[2:62] + 0.2, 3),
    "num": rng.poisson(4, 40), "den": rng.integers(3, 12, 40), "numb": rng.poisson(5, 31), "denb": rng.integers(3, 12, 31),
    "cluster": np.sort(rng.integers(0, 11, 40)), "label": np.tile([1, 0, 0, 1, 0], 10),
}
D["s1"] = np.round(0.5 + 0.15 * (2 * D["label"] - 1) + rng.normal(0, 0.2, 50), 1)
D["s2"] = np.round(0.5 + 0.10 * (2 * D["label"] - 1) + rng.normal(0, 0.2, 50), 2)
D["prob"] = np.clip(np.round(rng.beta(2, 3, 50), 2), 0, 1)
D["y"] += 0.5
D["pre"] = np.round(D["pre"] + 2 * D["x"], 1)
D["preb"] = np.round(D["preb"] + 2 * D["y"], 1)
for key, values in D.items():
    D[key] = data(key, values)
x, d, label = D["x"], D["d"], D["label"] == 1


# --- special functions, by arbitrary precision ---
def ibeta(a, b, u, upper=False):
    """Regularised incomplete beta by its series of positive terms."""
    a, b, u = mp.mpf(a), mp.mpf(b), mp.mpf(u)
    if upper:
        a, b, u = b, a, 1 - u
    if u > 0.5:
        return 1 - ibeta(b, a, 1 - u)
    term = total = mp.mpf(1)
    n = 0
    while term > total * mp.mpf(10) ** -38:
        term *= (a + b + n) / (a + 1 + n) * u
        total += term
        n += 1
    return mp.exp(a * mp.log(u) + b * mp.log1p(-u) - mp.log(a) - mp.loggamma(a) - mp.loggamma(b) + mp.loggamma(a + b)) * total


def nsf(v):
    return mp.erfc(mp.mpf(v) / mp.sqrt(2)) / 2


def tsf(t, df):
    t, df = mp.mpf(t), mp.mpf(df)
    if t < 0:
        return 1 - tsf(-t, df)
    if df < 400:
        return mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
    c = mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df * mp.pi) / 2
    ln = lambda v: c - (df + 1) / 2 * mp.log1p(v * v / df)
    # In units of the density at t: the quadrature stops at an absolute error.
    f = lambda v: mp.exp(ln(v) - ln(t))
    return mp.exp(ln(t)) * mp.quad(f, [t + s / max(t, 1) for s in (0, 0.5, 1, 2, 4, 8, 16, 32, 64, 128)])


def inverse(sf, p, start):
    p = mp.mpf(p)
    return mp.findroot(lambda v: mp.log(sf(v) / p), (start, start * (1 + 1e-9)), tol=1e-50)


MP = "mpmath, 40 digits"
wide = [-37.2, -10, -1.5, -1, -0.3, 0, 1e-9, 0.3, 1.4999, 1.5, 2, 5, 10, 20, 30, 37.2]
entry("special::norm_pdf", MP, over(lambda v: mp.npdf(v), *[[v] for v in wide]))
entry("special::norm_sf", MP, over(nsf, *[[v] for v in wide]))
entry("special::norm_cdf", MP, over(lambda v: nsf(-v), *[[v] for v in wide]))
entry("special::norm_ln_sf", MP, over(lambda v: mp.log1p(-nsf(-v)) if v < 0 else mp.log(nsf(v)), *[[v] for v in wide + [100, 1e4]]))
entry("special::norm_two_sided_p", MP, over(lambda v: 2 * nsf(abs(v)), *[[v] for v in wide]))
tails = [1e-300, 1e-100, 1e-20, 1e-10, 1e-5, 0.001, 0.025, 0.3, 0.49]
nisf = lambda p: inverse(nsf, p, stats.norm.isf(p))
entry("special::norm_isf", MP, over(nisf, *[[p] for p in tails + [0.6, 0.975, 0.999]]))
entry("special::norm_quantile", MP, over(lambda p: -nisf(p), *[[p] for p in tails + [0.6, 0.975, 0.999]]))
ts = [(t, df) for df in (0.5, 1, 2.5, 3, 10, 30, 399) for t in (0.1, 1, 2.5, 40, 1e4)]
ts += [(t, df) for df in (500, 1e4, 1e9) for t in (0.1, 2.5, 10, 30)]
entry("special::t_sf", MP, over(tsf, *ts, (-1.3, 7.0)))
entry("special::t_cdf", MP, over(lambda t, df: tsf(-t, df), (-40, 3), (-2.5, 10), (-10, 1e4), (1.3, 7)))
entry("special::t_two_sided_p", MP, over(lambda t, df: 2 * tsf(abs(t), df), *ts[::3], (-2.5, 10)))
tisf = lambda p, df: inverse(lambda v: tsf(v, df), p, stats.t.isf(p, df))
tq = [(p, df) for df in (1, 2.5, 3, 10, 30, 300) for p in (1e-12, 1e-5, 0.025, 0.4)]
# The Cornish-Fisher expansion is used from 1000 degrees on; its remainder is 2e-12.
tq += [(p, df) for df in (1000, 1e5) for p in (1e-6, 0.025)]
entry("special::t_isf", MP, over(tisf, *tq, (1e-100, 3), (1e-30, 10)), tol=4e-12)
entry("special::t_quantile", MP, over(lambda p, df: -tisf(p, df), *tq[::2]), tol=4e-12)
betas = [(0.5, 0.5, 0.1), (2, 3, 0.7), (50, 1e5, 1e-4), (1e4, 1e4, 0.48), (30, 1000, 1e-6), (1e-3, 5, 0.2), (3, 1e6, 4e-6), (200, 2, 0.999), (1e5, 1e5, 0.49)]
entry("special::beta_inc", MP, over(ibeta, *betas), tol=2e-12)
entry("special::beta_inc_both", MP, over(lambda a, b, u: [ibeta(a, b, u), ibeta(a, b, u, True)], *betas[:4], *betas[5:7]), tol=2e-12)
bq = lambda a, b, p: mp.exp(inverse(lambda v: ibeta(a, b, mp.exp(v)), p, np.log(special.betaincinv(a, b, p))))
entry("special::beta_quantile", MP, over(bq, *[(a, b, p) for a, b in ((0.5, 3.5), (2, 3), (11, 90), (1, 1e6), (400, 400)) for p in (1e-9, 0.025, 0.6)]))


def binom_pmf(k, n, p):
    p = mp.mpf(p)
    return mp.exp(mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1) + k * mp.log(p) + (n - k) * mp.log1p(-p))


def binom_tail(k, n, p, upper):
    """Sum of the probabilities above k, or up to k, from the larger ones outwards."""
    if upper != (k >= n * p):
        return 1 - binom_tail(k, n, p, not upper)
    p, j = mp.mpf(p), k + 1 if upper else k
    term = binom_pmf(j, n, p) if 0 <= j <= n else mp.mpf(0)
    total = term
    while term > total * mp.mpf(10) ** -38:
        term *= (n - j) * p / ((j + 1) * (1 - p)) if upper else j * (1 - p) / ((n - j + 1) * p)
        j += 1 if upper else -1
        total += term
    return total


binoms = [(0, 10, 0.3), (3, 10, 0.3), (9, 10, 0.3), (50, 1000, 0.05), (5, 1000, 0.2), (700, 1000, 0.2), (99000, 10**8, 1e-3), (101500, 10**8, 1e-3), (3, 10**8, 1e-9)]
entry("special::binom_pmf", MP, over(binom_pmf, *binoms), tol=1e-11)
entry("special::binom_cdf", MP, over(lambda k, n, p: binom_tail(k, n, p, False), *binoms), tol=1e-11)
entry("special::binom_sf", MP, over(lambda k, n, p: binom_tail(k, n, p, True), *binoms), tol=1e-11)
entry("special::binom_quantile", "scipy.stats.binom.ppf", over(lambda q, n, p: stats.binom.ppf(q, n, p), *[(q, n, p) for n, p in ((10, 0.3), (1000, 0.05), (10**6, 0.9)) for q in (1e-8, 0.025, 0.5, 0.975)]), tol=0)
chis = [(v, df) for df in (1, 2, 3, 5, 10, 99) for v in (0.01, 2.5, 30, 200, 1000)]
entry("special::chi2_sf", MP, over(lambda v, df: mp.gammainc(mp.mpf(df) / 2, mp.mpf(v) / 2, regularized=True), *chis), tol=1e-11)
entry("special::ln_gamma", MP, over(lambda v: mp.loggamma(v), *[[v] for v in (1e-5, 0.1, 0.5, 1.5, 3, 10.5, 100, 1e4, 1e8)]), tol=1e-13, floor=1)
gammas = [(0.5, 0.1), (2, 3), (10, 4), (50, 70), (50, 30), (3, 40), (200, 200.0)]
entry("special::ln_gamma_p", MP, over(lambda a, v: mp.log(mp.gammainc(a, 0, v, regularized=True)), *gammas[:5], gammas[6]), tol=1e-11)
entry("special::ln_gamma_q", MP, over(lambda a, v: mp.log(mp.gammainc(a, v, regularized=True)), *gammas), tol=1e-11)

# --- proportions ---
counts = [(0, 12), (3, 12), (12, 12), (17, 250), (999, 1000), (31000, 60000)]
levels = [(a, b, level) for a, b in counts for level in (0.9, 0.99)]
ends = lambda f: lambda k, n, level: [0.0 if k == 0 else f(k, n, level)[0], 1.0 if k == n else f(k, n, level)[1]]
confint = lambda method: ends(lambda k, n, level: proportion.proportion_confint(k, n, 1 - level, method))
of_test = lambda method: ends(lambda k, n, level: stats.binomtest(k, n).proportion_ci(level, method))
entry("proportion::wilson", "statsmodels proportion_confint", over(confint("wilson"), *levels))
entry("proportion::wilson_cc", "scipy binomtest.proportion_ci(wilsoncc)", over(of_test("wilsoncc"), *levels))
entry("proportion::clopper_pearson", "statsmodels proportion_confint(beta)", over(confint("beta"), *levels))
entry("proportion::jeffreys", "statsmodels proportion_confint(jeffreys)", over(confint("jeffreys"), *levels))


def midp(k, n, level):
    tail = lambda k: 0.0 if k == 0 else solve(lambda p: stats.binom.sf(k, n, p) + stats.binom.pmf(k, n, p) / 2 - (1 - level) / 2, 1e-12, k / n)
    return [tail(k), 1 - tail(n - k)]


entry("proportion::clopper_pearson_midp", "scipy binom and brentq", over(midp, *levels), tol=2e-12)
tests = [(3, 12, 0.5), (0, 12, 0.2), (12, 12, 0.7), (17, 250, 0.1), (5000, 10000, 0.51), (3, 10, 0.3), (400, 1000, 0.2)]
binomtest = lambda k, n, p: stats.binomtest(k, n, p).pvalue
# scipy's own tail is good to 1e-12 or so at ten thousand trials; ours sums logarithms of gamma functions in `exact`.
entry("proportion::binomial_test", "scipy binomtest", over(binomtest, *tests), tol=1e-11)
entry("sample_ratio::exact", "scipy binomtest", over(lambda first, second, share: binomtest(second, first + second, share), (9, 3, 0.5), (12, 0, 0.2), (0, 12, 0.7), (233, 17, 0.1), (5000, 5000, 0.51), (5, 5, 0.3), (30, 95, 0.75)), tol=1e-10)


def score(a, n, b, m, null, correction):
    """Score statistic with the restricted maximum found on the likelihood itself.

    Not by statsmodels: its score_test_proportions_2indep(compare="diff") is up to some percent off this maximum.
    """
    slope = lambda p: a / (p + null) - (n - a) / (1 - p - null) + b / p - (m - b) / (1 - p)
    p = solve(slope, max(0, -null) + 1e-14, min(1, 1 - null) - 1e-14)
    variance = (p + null) * (1 - p - null) / n + p * (1 - p) / m
    return (a / n - b / m - null) / np.sqrt(variance * ((n + m) / (n + m - 1) if correction else 1))


def score_limits(correction):
    def f(a, n, b, m, level):
        z, delta = stats.norm.isf((1 - level) / 2), a / n - b / m
        return [solve(lambda v: score(a, n, b, m, v, correction) - t, *ends) for t, ends in ((z, (delta - 0.25, delta - 1e-9)), (-z, (delta + 1e-9, delta + 0.25)))]
    return f


pairs = [(7, 34, 1, 34, 0.95), (30, 200, 41, 180, 0.9), (3, 1000, 9, 1100, 0.99), (56, 70, 48, 80, 0.95)]
entry("unpaired_proportion::miettinen_nurminen", "binomial likelihoods under the null, inverted by brentq", over(score_limits(True), *pairs), tol=1e-11, floor=0.01)
entry("unpaired_proportion::mee", "binomial likelihoods under the null, inverted by brentq", over(score_limits(False), *pairs), tol=1e-11, floor=0.01)
entry("unpaired_proportion::miettinen_nurminen_z", "binomial likelihoods under the null, by brentq", over(lambda *a: score(*a, True), *[(*p[:4], v) for p in pairs for v in (-0.1, 0.02)]), tol=1e-11)
entry("unpaired_proportion::newcombe", "statsmodels confint_proportions_2indep(newcomb)", over(lambda a, n, b, m, level: proportion.confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff", alpha=1 - level), *pairs, (0, 20, 0, 30, 0.95)))


def tango_z(b, c, n, null):
    """Score statistic with the restricted maximum found on the likelihood itself."""
    lo, hi = max(0, -null), (1 - null) / 2
    slope = lambda p: b / (p + null) + c / p - 2 * (n - b - c) / (1 - 2 * p - null)
    p = solve(slope, lo + 1e-14, hi - 1e-14)
    return (b - c - n * null) / np.sqrt(n * (2 * p + null - null**2))


def tango(b, c, n, level):
    z, delta = stats.norm.isf((1 - level) / 2), (b - c) / n
    return [solve(lambda v: tango_z(b, c, n, v) - z, -0.99, delta - 1e-9), solve(lambda v: tango_z(b, c, n, v) + z, delta + 1e-9, 0.99)]


flips = [(12, 5, 80), (3, 1, 30), (40, 61, 1000), (1, 7, 5000)]
entry("paired_proportion::tango_z", "multinomial likelihood under the null, by brentq", over(tango_z, *[(*f, v) for f in flips for v in (-0.05, 0.03)]), tol=1e-11)
entry("paired_proportion::tango", "the same, inverted by brentq", over(tango, *[(*f, level) for f in flips for level in (0.9, 0.95)]), tol=1e-10)
sign = lambda b, c, n: np.repeat([1.0, -1.0, 0.0], [b, c, n - b - c])


def wald(b, c, n, level):
    v = sign(b, c, n)
    return v.mean() + np.array([-1, 1]) * stats.norm.isf((1 - level) / 2) * stats.sem(v, ddof=0)


entry("paired_proportion::wald_paired", "scipy sem of the signs", over(wald, *[(*f, 0.95) for f in flips]))
entry("paired_proportion::bonett_price", "scipy sem of the signs with one row added to each side", over(lambda b, c, n, level: wald(b + 1, c + 1, n + 2, level), *[(*f, 0.95) for f in flips]))


def mcnemar(b, c):
    run = lambda **k: contingency_tables.mcnemar([[10, b], [c, 10]], **k)
    k, n = min(b, c), b + c
    below = stats.binom.cdf(k - 1, n, 0.5) + stats.binom.pmf(k, n, 0.5) / 2
    plain, corrected = run(exact=False, correction=False), run(exact=False, correction=True)
    return [run(exact=True).pvalue, 2 * below if b != c else 1 - stats.binom.pmf(k, n, 0.5) / 2,
            plain.statistic, plain.pvalue, corrected.statistic, corrected.pvalue]


entry("mcnemar::mcnemar", "statsmodels mcnemar; mid-p by scipy binom", over(mcnemar, (12, 5), (3, 1), (0, 9), (140, 101), (1, 900)), tol=1e-11)


# --- means ---
def estimate(test, level, value, se):
    ci = test.confidence_interval(level)
    return [value, se, test.df, ci[0], ci[1], test.pvalue]


def welch(a, b, level):
    t = stats.ttest_ind(a, b, equal_var=False)
    return estimate(t, level, a.mean() - b.mean(), (a.mean() - b.mean()) / t.statistic)


def mean(v, level, null=0):
    return estimate(stats.ttest_1samp(v, null), level, v.mean() - null, stats.sem(v))


named = lambda f: lambda *a: f(*[D[v] if isinstance(v, str) else v for v in a])
entry("mean_difference::welch", "scipy ttest_ind(equal_var=False)", over(named(welch), ("x", "y", 0.95), ("tied", "tiedb", 0.9), ("num", "numb", 0.99)), tol=1e-11)
entry("influence::mean", "scipy ttest_1samp", over(named(mean), ("d", 0.95), ("dz", 0.99)))
entry("influence::from_influence", "scipy ttest_1samp", [([v.mean(), name, 0.95], mean(v, 0.95)) for name, v in (("d", d), ("dz", D["dz"]))])
entry("influence::unpaired", "scipy ttest_ind_from_stats", over(named(welch), ("x", "y", 0.95), ("d", "dz", 0.9)), tol=1e-11)


def clustered(v, cluster, level):
    m = sm.OLS(v, np.ones(len(v))).fit(cov_type="cluster", cov_kwds=dict(groups=cluster.astype(int)), use_t=True)
    return [m.params[0], m.bse[0], len(np.unique(cluster)) - 1, *m.conf_int(1 - level)[0], m.pvalues[0]]


entry("influence::clustered_mean", "statsmodels OLS(cov_type=cluster)", over(named(clustered), ("x", "cluster", 0.95), ("num", "cluster", 0.9)), tol=1e-11)
entry("influence::clustered", "statsmodels OLS(cov_type=cluster)", over(named(clustered), ("x", "cluster", 0.95), ("den", "cluster", 0.95)), tol=1e-11)
entry("influence::cluster_sums", "numpy bincount", over(named(lambda v, c: np.bincount(c.astype(int), v, 11)), ("x", "cluster")))


def cr1(columns):
    design = sm.add_constant(np.column_stack([D[c] for c in columns])) if columns else np.ones((40, 1))
    fit = lambda on: sm.OLS(x, design).fit(cov_type="cluster", cov_kwds=dict(groups=D["cluster"].astype(int), use_correction=on))
    return fit(True).cov_params()[0, 0] / fit(False).cov_params()[0, 0]


entry("influence::cr1_factor", "statsmodels, covariance with over that without correction", [([len(np.unique(D["cluster"])), 40, 1 + k], cr1(["pre", "num", "den"][:k])) for k in range(4)])


def cuped(a, ax, b, bx, level):
    theta = sm.OLS(np.concatenate([a, b]), sm.add_constant(np.concatenate([ax, bx]))).fit().params[1]
    centre = np.concatenate([ax, bx]).mean()
    u, v = a - theta * (ax - centre), b - theta * (bx - centre)
    within = lambda p, q: (len(p) - 1) * p.var(ddof=1) + (len(q) - 1) * q.var(ddof=1)
    return [u.mean(), v.mean(), theta, 1 - within(u, v) / within(a, b), *welch(u, v, level)]


entry("cuped::cuped", "statsmodels OLS of both arms, then scipy ttest_ind", over(named(cuped), ("x", "pre", "y", "preb", 0.95), ("num", "den", "numb", "denb", 0.9)), tol=1e-10)


def ratio(num, den, level):
    m = sm.WLS(num / den, np.ones(len(num)), weights=den).fit(cov_type="HC1", use_t=True)
    return [m.params[0], m.bse[0], len(num) - 1, *m.conf_int(1 - level)[0], m.pvalues[0]]


linear = lambda num, den: num.sum() / den.sum() + (num - num.sum() / den.sum() * den) / den.mean()
entry("ratio::ratio", "statsmodels WLS with HC1", over(named(ratio), ("num", "den", 0.95), ("x", "pre", 0.9)), tol=1e-11)
entry("ratio::linearised", "numpy", over(named(linear), ("num", "den")))
entry("ratio::ratio_difference", "scipy ttest_ind of the linearised values", over(named(lambda a, b, c, e, level: welch(linear(a, b), linear(c, e), level)), ("num", "den", "numb", "denb", 0.95)), tol=1e-11)


def fieller(a, b, level):
    r, va, vb = a.mean() / b.mean(), stats.sem(a) ** 2, stats.sem(b) ** 2
    df = (va + r * r * vb) ** 2 / (va**2 / (len(a) - 1) + (r * r * vb) ** 2 / (len(b) - 1))
    t = stats.t.isf((1 - level) / 2, df)
    stat = lambda q: (a.mean() - q * b.mean()) / np.sqrt(va + q * q * vb)
    return [r - 1, solve(lambda q: stat(q) - t, r - 2, r) - 1, solve(lambda q: stat(q) + t, r, r + 5) - 1]


entry("lift::fieller", "brentq on the t statistic of a - r b", over(named(fieller), ("x", "y", 0.95), ("num", "numb", 0.9)), tol=1e-10, floor=0.01)


def log_ratio(a, b, level):
    """As Welch on one value per unit that has the mean and the slope of the logarithm."""
    t = stats.ttest_ind(np.log(a.mean()) + a / a.mean() - 1, np.log(b.mean()) + b / b.mean() - 1, equal_var=False)
    return [a.mean() / b.mean() - 1, *np.expm1(t.confidence_interval(level)), t.pvalue]


entry("lift::log_ratio", "scipy ttest_ind of linearised logarithms", over(named(log_ratio), ("x", "y", 0.95), ("num", "numb", 0.9)), tol=1e-10)
entry("equivalence::non_inferiority_p", "scipy ttest_1samp(greater)", over(named(lambda v, margin: stats.ttest_1samp(v, -margin, alternative="greater").pvalue), ("d", 0.1), ("dz", 0.5), ("d", 3.0)), tol=1e-11)
entry("equivalence::equivalence_p", "statsmodels DescrStatsW.ttost_mean", over(named(lambda v, margin: weightstats.DescrStatsW(v).ttost_mean(-margin, margin)[0]), ("d", 0.6), ("d", 1.5), ("dz", 2.0)), tol=1e-11)


def corrected(v, test, train, level):
    k = len(v)
    t = v.mean() / (np.std(v, ddof=1) * np.sqrt(1 / k + test / train))
    half = stats.t.isf((1 - level) / 2, k - 1) * v.mean() / t
    return [v.mean(), v.mean() / t, k - 1, v.mean() - half, v.mean() + half, 2 * stats.t.sf(abs(t), k - 1)]


entry("resampled::corrected_t", "numpy and scipy t", over(named(corrected), ("small", 100, 900, 0.95)))


# --- area under the curve: all pairs, by definition ---
def kernel(s):
    p, n = s[label][:, None], s[~label][None, :]
    return (p > n) + 0.5 * (p == n)


def parts(s):
    k = kernel(s)
    return k.mean(1), k.mean(0)


def delong_cov(*scores):
    pos, neg = zip(*[parts(s) for s in scores])
    return np.atleast_2d(np.cov(pos)) / label.sum() + np.atleast_2d(np.cov(neg)) / (~label).sum()


def components(s):
    out = np.empty(len(s))
    out[label], out[~label] = parts(s)
    return out


def auc(s, level):
    v, se = kernel(s).mean(), np.sqrt(delong_cov(s)[0, 0])
    assert abs(v - metrics.roc_auc_score(label, s)) < 1e-14
    z = stats.norm.isf((1 - level) / 2)
    return [v, se, v - z * se, min(1, v + z * se), *special.expit(special.logit(v) + np.array([-1, 1]) * z * se / (v * (1 - v)))]


def delong(s, t, level):
    cov, delta = delong_cov(s, t), kernel(s).mean() - kernel(t).mean()
    se = np.sqrt(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1])
    z, q = stats.norm.isf((1 - level) / 2), stats.t.isf((1 - level) / 2, min(label.sum(), (~label).sum()) - 1)
    return [delta, cov[0, 1], se, 2 * stats.norm.sf(abs(delta / se)), delta - z * se, delta + z * se, delta - q * se, delta + q * se]


def delong_unpaired(s, t, level):
    va, vb, delta, n = delong_cov(s)[0, 0], delong_cov(t)[0, 0], kernel(s).mean() - kernel(t).mean(), len(s)
    r = stats.ttest_ind_from_stats(kernel(s).mean(), np.sqrt(va * n), n, kernel(t).mean(), np.sqrt(vb * n), n, equal_var=False)
    df = (va + vb) ** 2 / ((va**2 + vb**2) / (n - 1))
    half = stats.t.isf((1 - level) / 2, df) * np.sqrt(va + vb)
    return [delta, np.sqrt(va + vb), df, r.pvalue, delta - half, delta + half]


PAIRS = "numpy, over all pairs of a positive and a negative"
entry("midrank::midrank_components", PAIRS, [([n, "label"], components(D[n])) for n in ("s1", "s2")])
moments = lambda v: [len(v), v.mean(), len(v) * v.var()]
entry("midrank::class_moments", "numpy", [(["s1", "label"], moments(D["s1"][label]) + moments(D["s1"][~label]))])
co = lambda a, b: [len(a), a.mean(), b.mean(), moments(a)[2], moments(b)[2]] + [len(a) * np.cov(a, b, ddof=0)[0, 1]]
entry("midrank::class_covariances", "numpy cov", [(["s1", "s2", "label"], co(D["s1"][label], D["s2"][label]) + co(D["s1"][~label], D["s2"][~label]))])
centred = lambda s: (components(s) - kernel(s).mean()) * np.where(label, 50 / label.sum(), 50 / (~label).sum())
entry("midrank::auc_influence", PAIRS, [([n, "label"], centred(D[n])) for n in ("s1", "s2")], floor=0.01)
entry("delong::auc_from_components", PAIRS, [([n, "label", 0.95], auc(D[n], 0.95)) for n in ("s1", "s2")])
entry("delong::delong_paired", PAIRS, [(["s1", "s2", "label", level], delong(D["s1"], D["s2"], level)) for level in (0.9, 0.95)], tol=1e-11)
entry("delong::delong_from_components", PAIRS, [(["s1", "prob", "label", 0.95], delong(D["s1"], D["prob"], 0.95))], tol=1e-11)
entry("delong::delong_unpaired", PAIRS + "; scipy ttest_ind_from_stats", [(["s1", "s2", "label", 0.95], delong_unpaired(D["s1"], D["s2"], 0.95))], tol=1e-11)

# --- several tests ---
ps = [[0.01, 0.04, 0.03, 0.005, 0.2], [0.5, 0.02, 0.02, 0.9, 1e-6, 0.0301, 0.049, 1.0]]
for name, method in (("holm", "holm"), ("benjamini_hochberg", "fdr_bh"), ("hochberg", "simes-hochberg")):
    entry(f"multiplicity::{name}", f"statsmodels multipletests({method})", [([p], multipletests(p, method=method)[1]) for p in ps])

# --- series ---
hac = lambda v, lag, weights=sandwich_covariance.weights_bartlett: sandwich_covariance.cov_hac_simple(sm.OLS(v, np.ones(len(v))).fit(), nlags=lag, weights_func=weights, use_correction=False)[0, 0]
entry("newey_west::autocovariance", "statsmodels acovf", over(lambda n, k: acovf(D[n], adjusted=False, fft=False)[k], *[("ar", k) for k in (0, 1, 5)]))
entry("newey_west::variance_of_mean", "statsmodels cov_hac_simple", over(lambda n, k: hac(D[n], k), ("ar", 0), ("ar", 3), ("ar", 12), ("d", 2)))


def diebold(name, h, kind, level):
    v, n = D[name], len(D[name])
    weights = sandwich_covariance.weights_bartlett if kind == "bartlett" else sandwich_covariance.weights_uniform
    se = np.sqrt(hac(v, h - 1, weights) / ((n + 1 - 2 * h + h * (h - 1) / n) / n))
    half = stats.t.isf((1 - level) / 2, n - 1) * se
    return [v.mean(), se, 2 * stats.t.sf(abs(v.mean() / se), n - 1), v.mean() - half, v.mean() + half]


entry("diebold_mariano::diebold_mariano", "statsmodels cov_hac_simple, corrected", over(diebold, ("ar", 1, "truncated", 0.95), ("ar", 3, "truncated", 0.95), ("ar", 4, "bartlett", 0.9)), tol=1e-11)


def unknown_horizon(name, level):
    v, n = D[name], len(D[name])
    count = int(0.4 * n ** (2 / 3))
    se = np.sqrt(np.mean(fft.dct(v, norm="ortho")[1 : count + 1] ** 2) / n)
    half = stats.t.isf((1 - level) / 2, count) * se
    return [v.mean(), se, 2 * stats.t.sf(abs(v.mean() / se), count), v.mean() - half, v.mean() + half]


entry("diebold_mariano::unknown_horizon", "scipy fft.dct", over(unknown_horizon, ("ar", 0.95), ("d", 0.9)), tol=1e-11)

# --- quantiles ---
quantiles = [(n, q) for n in ("x", "tied", "small") for q in (0, 0.1, 0.5, 0.93, 1)]
for name in ("quantile_sorted", "quantile_select"):
    entry(f"quantile::{name}", "numpy quantile", over(lambda n, q: np.quantile(D[n], q), *quantiles))


def ranks(n, q, level):
    lo, hi = stats.binom.ppf((1 - level) / 2, n, q), stats.binom.ppf((1 + level) / 2, n, q) + 1
    return [lo, hi if hi <= n else 0, stats.binom.cdf(hi - 1, n, q) - stats.binom.cdf(lo - 1, n, q)]


entry("quantile::quantile_ranks", "scipy binom", over(ranks, (40, 0.5, 0.95), (40, 0.95, 0.95), (1000, 0.99, 0.9), (10, 0.3, 0.99)))


def quantile_ci(name, q, level):
    # Two one-sided limits, each the sharpest that its half of the error allows.
    one = lambda side: stats.quantile_test(D[name], q=0, p=q, alternative=side).confidence_interval((1 + level) / 2)
    return [np.quantile(D[name], q), one("greater").low, one("less").high]


for name in ("quantile_interval_sorted", "quantile_interval_select"):
    entry(f"quantile::{name}", "scipy quantile_test, two one-sided limits", over(quantile_ci, ("x", 0.5, 0.95), ("x", 0.8, 0.9), ("tied", 0.4, 0.95), ("ar", 0.9, 0.95)))


# --- ranks ---
def mann_whitney(a, b):
    t = stats.mannwhitneyu(a, b, method="asymptotic")
    return [t.statistic, t.statistic / (len(a) * len(b)), t.pvalue]


entry("rank::mann_whitney::mann_whitney", "scipy mannwhitneyu(asymptotic)", over(named(mann_whitney), ("x", "y"), ("tied", "tiedb"), ("small", "ar"), ("num", "numb")))
entry("rank::mann_whitney::larger_p", "scipy mannwhitneyu(greater)", over(named(lambda a, b: stats.mannwhitneyu(a, b, alternative="greater", method="asymptotic").pvalue), ("x", "y"), ("tied", "tiedb"), ("tiedb", "tied")))
exact = [("small", [0.3, 2.7, 5.5, 6.0, 4.4]), ([1.0, 2.0], [0.5, 3.0, 4.0])]
entry("rank::mann_whitney::MannWhitney::exact", "scipy mannwhitneyu(exact)", over(named(lambda a, b: stats.mannwhitneyu(a, b, method="exact").pvalue), *exact))


def hodges(a, b, level):
    pairs = np.sort(np.subtract.outer(a, b).ravel())
    ties = np.unique(np.concatenate([a, b]), return_counts=True)[1]
    n, m, total = len(a), len(b), len(a) + len(b)
    sd = np.sqrt(n * m / 12 * (total + 1 - (ties**3 - ties).sum() / total / (total - 1)))
    k = int(np.floor(n * m / 2 - stats.norm.isf((1 - level) / 2) * sd))
    return [np.median(pairs), pairs[k - 1], pairs[-k]]


entry("rank::shift::hodges_lehmann", "numpy, all pairs sorted", over(named(hodges), ("x", "y", 0.95), ("tied", "tiedb", 0.9)))


def signed(v):
    n, exact = (v != 0).sum(), len(np.unique(abs(v[v != 0]))) == (v != 0).sum() and (v != 0).sum() <= 50
    run = lambda side: stats.wilcoxon(v[v != 0], correction=True, alternative=side, method="exact" if exact else "asymptotic")
    return [run("greater").statistic, n, run("two-sided").pvalue, run("greater").pvalue]


entry("rank::signed_rank::signed_rank", "scipy wilcoxon", over(named(signed), ["small"], ["d"], ["dz"]))


def pseudo(v, level):
    walsh = np.sort([(v[i] + v[j]) / 2 for i in range(len(v)) for j in range(i, len(v))])
    sums = np.sort([np.dot(s, np.arange(1, len(v) + 1)) for s in itertools.product([0, 1], repeat=len(v))])
    k = int(max(r for r in range(1, len(walsh)) if (sums <= r - 1).mean() <= (1 - level) / 2))
    return [np.median(walsh), walsh[k - 1], walsh[-k]]


entry("rank::signed_rank::pseudo_median", "numpy, all sign patterns and pair means", over(named(pseudo), ("small", 0.95), ("small", 0.8)))


def ks_exact(a, b):
    pooled, n = np.sort(np.concatenate([a, b])), len(a)
    ends = np.append(pooled[1:] > pooled[:-1], True)
    def distance(first):
        inside = np.zeros(len(pooled))
        inside[list(first)] = 1
        return (abs(np.cumsum(inside) / n - np.cumsum(1 - inside) / len(b)) * ends).max()
    seen = abs(stats.ks_2samp(a, b).statistic)
    all_of = [distance(c) for c in itertools.combinations(range(len(pooled)), n)]
    return [seen, np.mean(np.array(all_of) >= seen - 1e-12)]


entry("rank::kolmogorov_smirnov::kolmogorov_smirnov", "scipy ks_2samp(exact) without ties; with ties all arrangements",
      over(lambda a, b: (lambda r: [r.statistic, r.pvalue])(stats.ks_2samp(D[a] if isinstance(a, str) else a, b, method="exact")), ("small", [0.3, 2.7, 5.5, 6.0, 4.4]), ("small", [3.3, 3.4, 5.5, 6.0, 4.4, 7.0]))
      + over(ks_exact, ([1, 2, 2, 3, 3, 3, 5], [2, 3, 4, 4, 5, 5]), ([0, 0, 0, 1], [0, 1, 1, 1, 1])), tol=1e-11)

# --- rates, splits, signs, segments ---
def rate_ratio(a, ea, b, eb, level):
    t, odds = stats.binomtest(a, a + b, ea / (ea + eb)), lambda p: np.inf if p == 1 else p / (1 - p) * eb / ea
    ci = t.proportion_ci(level, "exact")
    return [odds(ci.low), odds(ci.high), t.pvalue]


entry("rate_ratio::poisson", "scipy binomtest given the total", over(rate_ratio, (10, 100.0, 20, 150.0, 0.95), (3, 2.5, 0, 4.0, 0.9), (0, 10.0, 7, 12.0, 0.95), (511, 1e5, 450, 1.1e5, 0.99)), tol=1e-11)


def chisquare(seen, ratio):
    r = stats.chisquare(seen, np.array(ratio) / sum(ratio) * sum(seen))
    return [r.statistic, len(seen) - 1, r.pvalue]


entry("sample_ratio::sample_ratio", "scipy chisquare", over(chisquare, ([5100, 4900], [1, 1]), ([300, 690, 110], [3, 6, 1]), ([50210, 49790], [0.5, 0.5]), ([9, 1, 4, 6], [1, 1, 1, 1])), tol=1e-10)
dirichlet = lambda seen, ratio, weight: stats.dirichlet_multinomial.logpmf(seen, weight * np.array(ratio) / sum(ratio), sum(seen)) - stats.multinomial.logpmf(seen, sum(seen), np.array(ratio) / sum(ratio))
entry("sample_ratio::SequentialSampleRatio::ln_e", "scipy dirichlet_multinomial over multinomial", over(dirichlet, ([510, 490], [1, 1], 100.0), ([300, 690, 110], [3, 6, 1], 1000.0), ([52100, 47900], [1, 1], 1e4)), tol=1e-8)
flip = lambda v: stats.permutation_test((v,), lambda s, axis=-1: s.sum(axis), permutation_type="samples", n_resamples=np.inf, vectorized=True).pvalue
entry("sign_flip::sign_flip", "scipy permutation_test, all sign patterns", over(named(flip), ["small"], [[1.0, 2.0, -1.0, 3.0]], [[1.0, 1.0, 2.0, 2.0, -1.0, 3.0, 4.0, -2.0]]))
effects = [[0.3, 0.1, 0.2, 0.15], [0.5, 0.2, -0.4, 0.25], [0.02, 0.01, 0.015, 0.03, -0.01, 0.02]]


def cochran(flat):
    value, se = np.array(flat[::2]), np.array(flat[1::2])
    r = meta_analysis.combine_effects(value, se**2)
    return [r.q, len(value) - 1, stats.chi2.sf(r.q, len(value) - 1), max(0, r.i2)]


def gail_simon(flat):
    value, se = np.array(flat[::2]), np.array(flat[1::2])
    q, k = min((np.clip(s * value / se, 0, None) ** 2).sum() for s in (1, -1)), len(value)
    return 1.0 if q == 0 else sum(stats.binom.pmf(h, k - 1, 0.5) * stats.chi2.sf(q, h) for h in range(1, k))


entry("heterogeneity::cochran", "statsmodels combine_effects", over(cochran, *[[e] for e in effects]), tol=1e-11, floor=1e-3)
entry("heterogeneity::gail_simon", "scipy binom and chi2", over(gail_simon, *[[e] for e in effects]), tol=1e-11)


def stratified(table):
    """Mantel-Haenszel weights as the fit of one slope: WLS of the effects on a constant."""
    t = np.array(table)
    m = sm.WLS(t[:, 2], np.ones(len(t)), weights=t[:, 0] * t[:, 1] / (t[:, 0] + t[:, 1])).fit()
    share = m.model.pinv_wexog[0] * np.sqrt(m.model.weights)
    return [m.params[0], np.sqrt((share**2 * t[:, 3] ** 2).sum())]


entry("heterogeneity::stratified", "statsmodels WLS", over(stratified, [[[100, 300, 0.2, 0.1], [50, 50, -0.1, 0.2], [400, 90, 0.05, 0.07]]]))

# --- balance ---
entry("balance::standardised_difference", "numpy", over(named(lambda a, b: (a.mean() - b.mean()) / np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)), ("x", "y"), ("tied", "tiedb")))
tables = [([10, 20, 30], [15, 25, 12]), ([100, 40], [90, 70]), ([5, 9, 2, 14], [8, 3, 7, 7])]


def categories(a, b):
    t = stats.chi2_contingency([a, b], correction=False)
    p, q = np.array(a) / sum(a), np.array(b) / sum(b)
    cov = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    return [np.sqrt((p - q) @ np.linalg.pinv(cov) @ (p - q)), t.statistic, t.dof, t.pvalue, stats.contingency.association(np.array([a, b]))]


entry("balance::categories", "scipy chi2_contingency, association; numpy pinv", over(categories, *tables), tol=1e-11)
entry("balance::alike", "scipy chi2_contingency", over(lambda a, b: stats.chi2_contingency([a, b], correction=False).pvalue, *tables), tol=1e-11)


def omnibus(names, arm):
    fit = sm.OLS(D[arm], sm.add_constant(np.column_stack([D[n] for n in names]))).fit()
    q = (len(D[arm]) - 1) * fit.rsquared
    return [q, len(names), stats.chi2.sf(q, len(names))]


entry("balance::omnibus::omnibus", "statsmodels OLS of the arm on the attributes: (n - 1) R2", over(omnibus, (["s1", "s2", "prob"], "label"), (["prob"], "label")), tol=1e-10)

# --- calibration ---
def corp(name):
    p, o = D[name], label.astype(float)
    fit = isotonic.IsotonicRegression(y_min=0, y_max=1).fit_transform(p, o)
    brier, base, pooled = ((p - o) ** 2).mean(), o.mean() * (1 - o.mean()), ((fit - o) ** 2).mean()
    assert abs(brier - metrics.brier_score_loss(label, p)) < 1e-14
    return [brier, brier - pooled, base - pooled, base]


groups = sorted((p, (D["prob"] == p).sum(), label[D["prob"] == p].sum()) for p in np.unique(D["prob"]))
at, count, hits = (np.array(c, float) for c in zip(*groups))
fitted = isotonic.IsotonicRegression().fit(at, hits / count, count).predict(at)
entry("corp::corp", "scikit-learn IsotonicRegression, brier_score_loss", over(corp, ["prob"]))
entry("corp::from_groups", "scikit-learn IsotonicRegression", [([groups], corp("prob"))])
entry("corp::pool", "scikit-learn IsotonicRegression, at every prediction", [([groups], fitted)], floor=1e-3)
bins = [(12, 1.1, 2), (30, 9.5, 7), (5, 4.6, 5)]
entry("calibration::equal_width_bin", "numpy digitize(right)", over(lambda p, k: max(1, np.digitize(p, np.arange(k + 1) / k, right=True)) - 1, (0.0, 10), (0.05, 10), (0.51, 10), (1.0, 10), (0.25, 4)), tol=0)
rows_p, rows_o = np.repeat([b[1] / b[0] for b in bins], [b[0] for b in bins]), np.concatenate([[1.0] * b[2] + [0.0] * (b[0] - b[2]) for b in bins])
entry("calibration::Murphy::brier", "scikit-learn brier_score_loss", [([bins], metrics.brier_score_loss(rows_o, rows_p))])
observed = np.repeat([b[2] / b[0] for b in bins], [b[0] for b in bins])
entry("calibration::murphy", "numpy, row by row", [([bins], [((rows_p - observed) ** 2).mean(), observed.var(), rows_o.var()])])
entry("calibration::expected_calibration_error", "numpy, row by row", [([bins], abs(rows_p - observed).mean())])


def logistic(a, weight):
    design = sm.add_constant(D[a])
    m = sm.GLM(label.astype(float), design, family=sm.families.Binomial(), freq_weights=weight).fit(tol=1e-14, tol_criterion="params")
    c = m.cov_params()
    u = 50 * c @ (design[0] * (label[0] - m.fittedvalues[0]))
    return [*m.params, c[0, 0], c[0, 1], c[1, 1], *m.bse, *u]


# The GLM stops at its own tolerance.
entry("logistic::fit", "statsmodels GLM(Binomial)", over(lambda n: logistic(n, None), ["s1"], ["s2"], ["prob"]), tol=1e-9)


def cbpe(p, decided, s):
    pair = (s[:, None] > s[None, :]) + 0.5 * (s[:, None] == s[None, :])
    w = p[:, None] * (1 - p)[None, :]
    # A row is no pair with itself in a sample, but its two possible outcomes are one in the expectation.
    rate = lambda f, **k: f(np.tile([1, 0], (len(p), 1)).ravel(), np.repeat(decided, 2), sample_weight=np.column_stack([p, 1 - p]).ravel(), **k)
    return [rate(metrics.accuracy_score), rate(metrics.precision_score), rate(metrics.recall_score), rate(metrics.recall_score, pos_label=0), rate(metrics.f1_score), (pair * w).sum() / w.sum()]


entry("label_free::cbpe", "scikit-learn with every row once as either class; numpy, all pairs", [(["prob", 0.4, "s1"], cbpe(D["prob"], (D["prob"] >= 0.4).astype(int), D["s1"]))])

# --- drift ---
hists = [([10, 20, 30, 40], [15, 15, 35, 20]), ([5, 0, 9], [3, 4, 0]), ([500, 300, 200], [470, 320, 215])]
smooth = lambda c: (np.array(c) + 0.5) / (sum(c) + 0.5 * len(c))
psi = lambda e, a: stats.entropy(smooth(e), smooth(a)) + stats.entropy(smooth(a), smooth(e))
entry("drift::quantile_edges", "numpy quantile", over(lambda n, k: np.unique(np.quantile(D[n], np.arange(1, k) / k)), ("x", 5), ("d", 10), ("pre", 4)))
entry("drift::histogram", "numpy searchsorted", over(lambda n, e: np.bincount(np.searchsorted(e, D[n]), minlength=len(e) + 1), ("x", [7.0, 10.0, 12.0]), ("tied", [1.0, 3.0])), tol=0)
entry("drift::psi", "scipy entropy, both ways", over(psi, *hists), tol=1e-11)
entry("drift::psi_p", "scipy entropy and chi2", over(lambda e, a: stats.chi2.sf(psi(e, a) * sum(e) * sum(a) / (sum(e) + sum(a)), len(e) - 1), *hists), tol=1e-10)
entry("drift::wasserstein", "scipy wasserstein_distance", over(named(stats.wasserstein_distance), ("x", "y"), ("tied", "tiedb"), ("d", "ar")))
js = lambda a, b: spatial.distance.jensenshannon(a, b, 2)
entry("drift::jensen_shannon", "scipy jensenshannon", over(js, ([0.1, 0.2, 0.7], [0.3, 0.3, 0.4]), ([1.0, 0.0], [0.0, 2.0]), ([3.0, 1.0, 0.0], [2.0, 0.0, 1.0])), tol=1e-11)
entry("drift::jensen_shannon_counts", "scipy jensenshannon", over(js, *hists), tol=1e-11)
entry("drift::kolmogorov_smirnov", "scipy ks_2samp of the rows", over(lambda a, b: stats.ks_2samp(np.repeat(np.arange(len(a)), a), np.repeat(np.arange(len(b)), b)).statistic, *hists))

# --- drift over time ---
def stability(e, a, n, m, level):
    # Derivatives of the index by finite differences of high precision at the smoothed shares.
    shares = lambda c: [(mp.mpf(k) + mp.mpf(1) / 2) / (sum(c) + mp.mpf(len(c)) / 2) for k in c]
    e, a = shares(e), shares(a)
    term = lambda x, y: (y - x) * mp.log(y / x)
    index = sum(term(x, y) for x, y in zip(e, a))
    bias = var = 0
    for own, slope, curve, size in [
        (e, [mp.diff(lambda t: term(t, y), x) for x, y in zip(e, a)], [mp.diff(lambda t: term(t, y), x, 2) for x, y in zip(e, a)], n),
        (a, [mp.diff(lambda t: term(x, t), y) for x, y in zip(e, a)], [mp.diff(lambda t: term(x, t), y, 2) for x, y in zip(e, a)], m),
    ]:
        bias += sum(c * p * (1 - p) for c, p in zip(curve, own)) / (2 * size)
        mean = sum(p * s for p, s in zip(own, slope))
        var += sum(p * (s - mean) ** 2 for p, s in zip(own, slope)) / size
    scale, df = 1 / mp.mpf(n) + 1 / mp.mpf(m), len(e) - 1
    var += 2 * df * scale**2
    half = stats.norm.isf((1 - level) / 2) * mp.sqrt(var)
    return [float(index), float(df * scale), *[float(max(0, v)) for v in (index - bias, index - bias - half, index - bias + half)], stats.chi2.sf(float(index / scale), df)]


def design_effect(counts, bins):
    # Mean eigenvalue of the generalised design effects: the cluster covariance of the shares against the multinomial's.
    c = np.array(counts, float).reshape(-1, bins)
    rows, p = c.sum(), c.sum(0) / c.sum()
    dev = c - np.outer(c.sum(1), p)
    cov = dev.T @ dev / rows**2 * len(c) / (len(c) - 1)
    own = (np.diag(p) - np.outer(p, p)) / rows
    return float(np.mean(np.linalg.eigvals(np.linalg.solve(own[:-1, :-1], cov[:-1, :-1])).real))


shifted = [([500, 300, 200], [400, 300, 300], 1000.0, 1000.0, 0.95), ([10, 20, 30, 40], [15, 15, 35, 20], 40.0, 60.5, 0.9), ([5000, 4900, 100], [4000, 5000, 1000], 2500.0, 4000.0, 0.99)]
entry("stability::stability", "mpmath, derivatives of the index by finite differences; scipy chi2 and norm", over(stability, *shifted), tol=1e-9, floor=1e-3)
entry("stability::design_effect", "numpy, mean eigenvalue of the generalised design effects", over(design_effect, ([8, 0, 0, 0, 8, 0, 3, 0, 5, 0, 8, 0, 1, 1, 6], 3), ([4, 1, 0, 6, 5, 0, 2, 2], 2)))
centred = lambda n: D[n] - D[n].mean()
entry("cusum::cusum", "statsmodels breaks_cusumolsresid", over(lambda n: list(sm.stats.diagnostic.breaks_cusumolsresid(centred(n))[:2]), ("ar",), ("d",), ("pre",)), tol=1e-9)
entry("rank::kolmogorov_smirnov::kolmogorov_sf", "scipy kolmogorov", over(special.kolmogorov, (0.3,), (0.8,), (1.0,), (1.36,), (2.5,)), tol=1e-10)

# --- accumulators and the bootstrap's figures ---
hard = [1e16, 1.0, -1e16, 3.5, 1e-8, 2**53 + 0.0, -(2**53) + 1.0]
entry("accumulate::Sum::value", "math.fsum", [([hard], math.fsum(hard)), (["x"], math.fsum(x))])
far = [1e9 + v for v in (4.0, 7.0, 13.0, 16.0)]
entry("accumulate::Moments::variance", "numpy var", over(named(lambda v: np.var(v, ddof=1)), ["x"], ["tied"], [far]))
entry("accumulate::Moments::standard_error", "scipy sem", over(named(stats.sem), ["x"], ["tied"], [far]))
entry("accumulate::Cov2::covariance", "numpy cov", over(named(lambda a, b: np.cov(a, b)[0, 1]), ("x", "pre"), ("num", "den")))
entry("bootstrap::acceleration", "scipy skew of a centred vector over 6 root n", over(named(lambda v: stats.skew(v) / 6 / np.sqrt(len(v))), ["d"], ["y"]))
data("reps", np.round(rng.gamma(4, 1, 250), 3))
entry("bootstrap::percentile", "numpy quantile(weibull)", [(["reps", level], [*np.quantile(DATA["reps"], [(1 - level) / 2, (1 + level) / 2], method="weibull"), np.std(DATA["reps"], ddof=1)]) for level in (0.8, 0.95)])


def bca(reps, value, a, level):
    r = np.array(reps)
    z0 = stats.norm.ppf(stats.percentileofscore(r, value, "mean") / 100)
    p = [stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))) for z in stats.norm.ppf([(1 - level) / 2, (1 + level) / 2])]
    return np.quantile(r, p, method="weibull")


entry("bootstrap::bca", "scipy percentileofscore, norm; numpy quantile(weibull)", [(["reps", v, a, 0.9], bca(DATA["reps"], v, a, 0.9)) for v, a in ((4.0, 0.03), (3.6, -0.05))], tol=1e-11)


# --- at any time: the mixtures integrated numerically ---
def tuned(v, alpha):
    """The choice of the mixing precision is part of the method and repeated here: Howard et al. 2021, Proposition 3."""
    a = -2 * np.log(alpha)
    return v / (a + np.log1p(a))


def normal_mixture(s, v, rho, one_sided=False):
    """Likelihood ratio of a sum s with variance v under a normal prior of variance 1 / rho for the mean."""
    s, v, rho = mp.mpf(s), mp.mpf(v), mp.mpf(rho)
    sd, at = 1 / mp.sqrt(v + rho), s / (v + rho)
    f = lambda m: mp.exp(m * s - m * m * v / 2 - rho * m * m / 2) * mp.sqrt(rho / (2 * mp.pi))
    lo = mp.mpf(0) if one_sided else at - 14 * sd
    return (2 if one_sided else 1) * mp.quad(f, mp.linspace(lo, max(at, 0) + 14 * sd, 9))


def plan(level, units, value, se, seen):
    rho = tuned(units, 1 - level)
    e = lambda width, one: normal_mixture(width / se * mp.sqrt(seen), seen, rho, one)
    root = lambda one, alpha: mp.findroot(lambda w: mp.log(e(w, one)) + mp.log(alpha), (2.5 * se, 3 * se), tol=1e-30)
    return root(False, 1 - level), mp.log(e(value, False))


plans = [(0.95, 5000, 0.013, 0.005, 3000), (0.9, 400, -0.8, 0.3, 900), (0.99, 10**6, 2.5, 0.9, 200000)]
MIX = "mpmath, the normal mixture integrated"
entry("sequential::asymptotic::Plan::half_width", MIX, over(lambda *a: plan(*a)[0], *plans), tol=1e-11)
entry("sequential::asymptotic::Plan::interval", MIX, over(lambda *a: [a[2] - plan(*a)[0], a[2] + plan(*a)[0]], *plans), tol=1e-11, floor=0.01)
entry("sequential::asymptotic::Plan::ln_e", MIX, over(lambda *a: plan(*a)[1], *plans), tol=1e-11)
entry("sequential::asymptotic::Plan::p", MIX, over(lambda *a: min(1, mp.exp(-plan(*a)[1])), *plans), tol=1e-11)
walks = [(30.0, 100.0, 80.0, 0.025), (5.0, 40.0, 100.0, 0.05), (-12.0, 90.0, 50.0, 0.01)]
entry("sequential::mixture::Mixture::ln_e", MIX + ", two-sided and one-sided", over(lambda s, v, opt, alpha: [mp.log(normal_mixture(s, v, tuned(opt, alpha))), mp.log(normal_mixture(s, v, tuned(opt, 2 * alpha), True))], *walks), tol=1e-11)
entry("sequential::mixture::Mixture::bound", MIX + ", two-sided and one-sided, inverted",
      over(lambda v, opt, alpha: [mp.findroot(lambda s: mp.log(normal_mixture(s, v, tuned(opt, alpha * (1 + one)), one)) + mp.log(alpha), (2.5 * v**0.5, 4 * v**0.5), tol=1e-30) for one in (False, True)], (100.0, 80.0, 0.025), (400.0, 100.0, 0.05)), tol=1e-11)


def bernoulli_ln_e(k, n, p, weight):
    return stats.betabinom.logpmf(k, n, weight * p, weight * (1 - p)) - stats.binom.logpmf(k, n, p)


def bernoulli(k, n, opt, level):
    weight, t = tuned(opt, 1 - level) - 1, -np.log(1 - level)
    f = lambda p: bernoulli_ln_e(k, n, p, weight) - t
    return [0.0 if k == 0 else solve(f, 1e-9, min(k / n, 1 - 1e-9)), 1.0 if k == n else solve(f, max(k / n, 1e-9), 1 - 1e-9)]


def bernoulli_above(k, n, p, opt, alpha):
    weight = tuned(opt, min(0.999, 2 * alpha)) - 1
    a, b, p = mp.mpf(weight) * p, mp.mpf(weight) * (1 - mp.mpf(p)), mp.mpf(p)
    prior = lambda v: v ** (a - 1) * (1 - v) ** (b - 1)
    knots = sorted({p, *[min(mp.mpf(1), max(p, mp.mpf(k) / n + s * mp.sqrt(mp.mpf(1) / n))) for s in (-2, -1, 0, 1, 2, 4)], mp.mpf(1)})
    # The end at one may be singular: mpmath's tanh-sinh copes.
    top = mp.quad(lambda v: prior(v) * (v / p) ** k * ((1 - v) / (1 - p)) ** (n - k), knots)
    return mp.log(top / mp.quad(prior, [p, min(1, p + 0.05), min(1, p + 0.2), 1]))


runs = [(3, 200, 500, 0.95), (0, 50, 100, 0.9), (480, 1000, 800, 0.99), (50, 50, 60, 0.95)]
BETA = "scipy betabinom over binom"
entry("sequential::bernoulli::interval", BETA + ", inverted by brentq", over(bernoulli, *runs), tol=1e-9)
each = lambda level: (1 + level) / 2
entry("sequential::bernoulli::difference", BETA + ", inverted by brentq", over(lambda k, n, j, m, opt, level: [bernoulli(k, n, opt, each(level))[0] - bernoulli(j, m, opt, each(level))[1], bernoulli(k, n, opt, each(level))[1] - bernoulli(j, m, opt, each(level))[0]], (3, 200, 9, 210, 500, 0.95), (480, 1000, 500, 990, 800, 0.9)), tol=1e-9)
above = [(8, 200, 0.02, 500, 0.05), (1, 100, 0.05, 200, 0.01), (60, 100, 0.4, 100, 0.05)]
entry("sequential::bernoulli::ln_e_above", "mpmath, the part of the prior above integrated", over(bernoulli_above, *above), tol=1e-9)
lower = lambda k, n, opt, alpha: solve(lambda p: float(bernoulli_above(k, n, p, opt, alpha) + mp.log(alpha)), k / n / 3, k / n)
mp.mp.dps = 20
entry("sequential::bernoulli::lower_limit", "the same, inverted by brentq", over(lower, (30, 200, 300, 0.05), (60, 100, 100, 0.025)), tol=1e-8)
entry("sequential::bernoulli::upper_limit", "the same of the failures", over(lambda k, n, opt, alpha: 1 - lower(n - k, n, opt, alpha), (60, 100, 100, 0.025)), tol=1e-8)
mp.mp.dps = 40


def quantile_sequence(name, q, opt, level):
    v, alpha = np.sort(D[name]), 1 - level
    e = bernoulli_ln_e(np.arange(len(v) + 1), len(v), q, tuned(opt, alpha) - 1)
    kept = np.flatnonzero(e < -np.log(alpha))
    return [np.quantile(v, q), v[kept[0] - 1], v[kept[-1]]]


D["reps"] = np.array(DATA["reps"])
entry("sequential::quantile::interval", BETA + ", over all counts", over(quantile_sequence, ("reps", 0.5, 200, 0.95), ("reps", 0.9, 300, 0.9), ("ar", 0.4, 60, 0.9)))
entry("sequential::quantile::difference", BETA + ", over all counts", over(lambda a, b, q, opt, level: (lambda u, v: [u[1] - v[2], u[2] - v[1]])(quantile_sequence(a, q, opt, each(level)), quantile_sequence(b, q, opt, each(level))), ("reps", "ar", 0.5, 150, 0.9)))
es = [0.5, 3.0, 40.0, 1.2, 150.0]
entry("sequential::evidence::mean", "numpy", [([es], np.mean(es))])
entry("sequential::evidence::product", "numpy", [([es], np.prod(es))])
entry("sequential::evidence::ln_mean", "scipy logsumexp", over(lambda v: special.logsumexp(v) - np.log(len(v)), [[-3.0, 900.0, 899.5]], [[0.1, 2.0]]))
# A calibrator is an e-value: its integral over (0, 1) is 1, and e-BH is Benjamini-Hochberg on 1/e.
entry("sequential::evidence::e_bh", "statsmodels multipletests(fdr_bh) of 1/e", over(lambda e, a: multipletests(1 / np.array(e), a, "fdr_bh")[0].astype(float), (es, 0.05), (es, 0.2), ([100.0, 60.0, 30.0, 21.0], 0.05)) , tol=0)
entry("sequential::stitching::polynomial", "mpmath zeta and the epochs' error summed", over(lambda v, alpha, start, c: (lambda ell: mp.sqrt((2**0.25 + 2**-0.25) ** 2 / mp.mpf(2) * v * ell + ((mp.sqrt(2) + 1) / 2 * c * ell) ** 2) + (mp.sqrt(2) + 1) / 2 * c * ell)(mp.mpf("1.4") * mp.log(mp.log(2 * mp.mpf(v) / start)) + mp.log(mp.zeta(mp.mpf("1.4")) / alpha / mp.log(2) ** mp.mpf("1.4"))), (100.0, 0.025, 1.0, 0.5), (5000.0, 0.05, 10.0, 0.0)), tol=1e-11)


# --- planned looks: the density carried on by Simpson's rule ---
def crossing(info, bounds):
    at, mass, before, spent = np.zeros(1), np.ones(1), 0.0, []
    for t, z in zip(info, bounds):
        sd, edge = np.sqrt(t - before), z * np.sqrt(t)
        spent.append((mass * (stats.norm.sf((edge - at) / sd) + stats.norm.sf((edge + at) / sd))).sum())
        grid = np.linspace(-edge, edge, 1601)
        weight = np.ones(1601) * 2
        weight[1::2], weight[0], weight[-1] = 4, 1, 1
        density = np.exp(-0.5 * ((grid[:, None] - at) / sd) ** 2) @ mass / sd / np.sqrt(2 * np.pi)
        at, mass, before = grid, density * weight * (grid[1] - grid[0]) / 3, t
    return spent


def spending(info, alpha, kind):
    spent = [4 * stats.norm.sf(stats.norm.isf(alpha / 4) / np.sqrt(t)) if kind == "obrien_fleming" else alpha * np.log(1 + (np.e - 1) * t) for t in info]
    bounds = []
    for k in range(len(info)):
        share = spent[k] - (spent[k - 1] if k else 0)
        bounds.append(optimize.brentq(lambda z: np.log(crossing(info[: k + 1], bounds + [z])[-1] / share), 0.5, 8.5, xtol=1e-13))
    return bounds


def classical(looks, alpha, power):
    info = np.arange(1, looks + 1) / looks
    return optimize.brentq(lambda c: np.log(sum(crossing(info, c * info**power)) / alpha), 1.5, 4, xtol=1e-13)


SIMPSON = "numpy, the density carried from look to look by Simpson's rule"
entry("sequential::group::Spending::spent", "scipy norm", [([t, 0.05], [4 * stats.norm.sf(stats.norm.isf(0.0125) / np.sqrt(t)), 0.05 * np.log(1 + (np.e - 1) * t)]) for t in (0.1, 0.5, 1.0)])
entry("sequential::group::lan_demets", SIMPSON, over(spending, ([0.25, 0.5, 0.75, 1.0], 0.05, "obrien_fleming"), ([0.3, 0.45, 0.8, 1.0], 0.01, "pocock")), tol=1e-8)
entry("sequential::group::crossing_probability", SIMPSON, over(lambda i, b: sum(crossing(i, b)), ([0.2, 0.5, 1.0], [2.8, 2.4, 2.1]), ([0.5, 0.6, 1.0], [2.0, 2.2, 2.0])), tol=1e-9)
entry("sequential::group::pocock", SIMPSON, over(lambda k, a: classical(k, a, 0), (2, 0.05), (5, 0.01)), tol=1e-9)
entry("sequential::group::obrien_fleming", SIMPSON, over(lambda k, a: classical(k, a, -0.5), (3, 0.05), (5, 0.01)), tol=1e-8)

# --- power ---
detectable = lambda se, alpha, wanted: solve(lambda v: stats.norm.sf(stats.norm.isf(alpha / 2), v / se) - wanted, 0, 9 * se)
entry("power::minimum_detectable", "scipy norm, the power inverted by brentq", over(detectable, (0.4, 0.05, 0.8), (2.0, 0.01, 0.9)), tol=1e-11)
# Both go through quadrature here; the noncentral t of scipy is good to ten digits or so.
entry("power::means::power", "statsmodels TTestIndPower(larger, alpha / 2)", over(lambda n, e, a: power.TTestIndPower().power(e, n, a / 2, alternative="larger"), (20.0, 0.5, 0.05), (64.0, 0.5, 0.05), (1000.0, 0.1, 0.01)), tol=1e-9)
entry("power::means::n_per_arm", "statsmodels TTestIndPower.solve_power", over(lambda e, a, p: power.TTestIndPower().solve_power(e, None, a / 2, p, alternative="larger"), (0.5, 0.05, 0.8), (0.2, 0.01, 0.9)), tol=1e-7)
entry("power::proportions::power", "statsmodels power_proportions_2indep", over(lambda p, n, q, m, a: proportion.power_proportions_2indep(q - p, p, m, n / m, a).power, (0.1, 400, 0.15, 400, 0.05), (0.02, 5000, 0.025, 5000, 0.01)), tol=1e-9)
entry("power::proportions::n_per_arm", "statsmodels samplesize_proportions_2indep_onetail", over(lambda p, q, a, b: proportion.samplesize_proportions_2indep_onetail(q - p, p, b, 1, a), (0.1, 0.15, 0.05, 0.8), (0.02, 0.025, 0.01, 0.9)), tol=1e-9)
entry("power::proportions::n_non_inferior", "statsmodels NormalIndPower(larger)", over(lambda p, margin, a, b: power.NormalIndPower().solve_power(margin / np.sqrt(p * (1 - p)), None, a, b, alternative="larger"), (0.9, 0.05, 0.025, 0.8), (0.2, 0.02, 0.05, 0.9)), tol=1e-7)
entry("power::proportions::n_paired", "statsmodels normal_sample_size_one_tail", over(lambda p, q, a, b: power.normal_sample_size_one_tail(p - q, b, a / 2, np.sqrt(p + q), np.sqrt(p + q - (p - q) ** 2)), (0.12, 0.05, 0.05, 0.8), (0.03, 0.01, 0.01, 0.9)), tol=1e-10)
entry("power::proportions::power_paired", "statsmodels normal_power_het(larger)", over(lambda p, q, n, a: power.normal_power_het(p - q, n, a / 2, np.sqrt(p + q), np.sqrt(p + q - (p - q) ** 2), "larger"), (0.12, 0.05, 250, 0.05), (0.03, 0.01, 1000, 0.01)), tol=1e-10)
entry("power::design_effect", "statsmodels OLS, clustered over plain", [([float(clustered(x, D["cluster"], 0.95)[1]), float(stats.sem(x))], clustered(x, D["cluster"], 0.95)[1] ** 2 / stats.sem(x) ** 2)])


def main():
    head = json.dumps(dict(data=DATA))[:-1] + ', "entries": {\n'
    lines = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in OUT.items()]
    print(head + ",\n".join(lines) + "\n}}")


if __name__ == "__main__":
    main()
