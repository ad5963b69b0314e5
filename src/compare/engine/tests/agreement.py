"""Reference values of agreement.rs: kappa (statsmodels), rank correlations and quantiles (SciPy, NumPy), churn by unit.

python agreement.py (NumPy, SciPy, statsmodels)
"""

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa


def numbers(seed, count, below):
    """Numbers of a linear congruence, the same in the test."""
    found, state = [], seed
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        found.append((state >> 16) % below)
    return np.array(found)


ROWS = 400
truth = numbers(1, ROWS, 3)
a = np.where(numbers(2, ROWS, 10) < 7, truth, numbers(3, ROWS, 3))
b = np.where(numbers(4, ROWS, 10) < 8, a, numbers(5, ROWS, 3))
units = numbers(6, ROWS, 90)
table = np.zeros((3, 3))
np.add.at(table, (a, b), 1)
found = cohens_kappa(table)
# The interval is the t interval of an influence function with n - 1 in the variance, on Fisher's z.
half = stats.t.ppf(0.975, ROWS - 1) * found.std_kappa * np.sqrt(ROWS / (ROWS - 1)) / (1 - found.kappa**2)
z = np.arctanh(found.kappa)
print("kappa", repr(found.kappa), repr(np.tanh(z - half)), repr(np.tanh(z + half)))
# Two answers: half a row in each cell without one.
for rows in ([120, 0, 5, 275], [10, 0, 0, 390], [0, 3, 0, 97]):
    filled = np.where(np.array(rows) == 0, 0.5, rows).reshape(2, 2)
    n, all = sum(rows), filled.sum()
    found = cohens_kappa(filled)
    half = stats.t.ppf(0.975, n - 1) * found.std_kappa * np.sqrt(all / (n - 1)) / (1 - found.kappa**2)
    z, plain = np.arctanh(found.kappa), cohens_kappa(np.array(rows, dtype=float).reshape(2, 2)).kappa
    print("kappa of two answers", rows, repr(plain), repr(min(np.tanh(z - half), plain)), repr(max(np.tanh(z + half), plain)))

differs = (a != b).astype(float)
model = sm.OLS(differs, np.ones(ROWS)).fit(cov_type="cluster", cov_kwds={"groups": units, "use_correction": False})
groups = len(set(units))
half = stats.t.ppf(0.975, groups - 1) * model.bse[0] * np.sqrt(groups / (groups - 1))
print("churn by unit", repr(differs.mean()), repr(differs.mean() - half), repr(differs.mean() + half), groups)

x = numbers(7, ROWS, 50) / 10
y = x + numbers(8, ROWS, 30) / 10
print("pearson", repr(stats.pearsonr(x, y)[0]))
print("spearman", repr(stats.spearmanr(x, y)[0]))
print("kendall", repr(stats.kendalltau(x, y)[0]))
print("mean", repr((y - x).mean()), "sd", repr((y - x).std(ddof=1)))
print("quantiles", [repr(q) for q in np.quantile(y - x, [0.05, 0.5, 0.95])])
