"""Writes similarity.json: pairs of vectors of two models with gold scores, and what NumPy and SciPy make of them; and
fixtures/parquet/pairs.parquet, whose lists are as long as those of embeddings.

python3 similarity.py    (NumPy 2, SciPy 1, pyarrow)
"""

import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import scipy
from scipy.stats import pearsonr, spearmanr

ROWS, DIMENSIONS = 60, 6
rng = np.random.default_rng(20260311)
gold = np.round(rng.uniform(0, 5, ROWS) * 2) / 2  # steps of one half, so that there are ties


def model(noise, scale):
    """Second vectors lie the nearer to the first ones the higher the gold score is."""
    first = rng.normal(size=(ROWS, DIMENSIONS))
    other = rng.normal(size=(ROWS, DIMENSIONS))
    share = np.clip(gold / 5 + rng.normal(scale=noise, size=ROWS), 0.05, 0.9)[:, None]  # no two alike
    second = share * first + (1 - share) * other
    return [np.round(scale * part, 4).astype(np.float32) for part in (first, second)]


def similarities(first, second):
    a, b = (part.astype(np.float64) for part in (first, second))
    return {
        "cosine": (a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)),
        "euclidean": -np.linalg.norm(a - b, axis=1),
        "dot": (a * b).sum(1),
    }


def values(found, gold):
    out = {}
    for name, of in found.items():
        out[name] = float(np.mean(-of if name == "euclidean" else of))
        out[f"{name}_spearman"] = float(spearmanr(of, gold).statistic)
        out[f"{name}_pearson"] = float(pearsonr(of, gold).statistic)
    return out


arms = {"champion": model(0.30, 1.0), "challenger": model(0.12, 2.0)}
found = {arm: similarities(*vectors) for arm, vectors in arms.items()}
result = {arm: values(of, gold) for arm, of in found.items()}
differences = {name: result["challenger"][name] - result["champion"][name] for name in result["champion"]}

# Standard error of each paired difference by the jackknife over rows.
left_out = []
for row in range(ROWS):
    keep = np.arange(ROWS) != row
    without = {
        arm: values({name: part[keep] for name, part in of.items()}, gold[keep]) for arm, of in found.items()
    }
    left_out.append({name: without["challenger"][name] - without["champion"][name] for name in differences})
jackknife = {}
for name in differences:
    part = np.array([each[name] for each in left_out])
    jackknife[name] = float(np.sqrt((ROWS - 1) / ROWS * ((part - part.mean()) ** 2).sum()))

# Long lists, in two row groups; one is null and one holds a null.
LONG = 150
wide = {f"{arm}_{side}": rng.integers(-3, 4, size=(24, LONG)).astype(np.float32) for arm in arms for side in "ab"}
for arm in arms:
    wide[f"{arm}_b"] += wide[f"{arm}_a"] * (gold[:24, None] / 5).astype(np.float32).round(1)
columns = {name: part.tolist() for name, part in wide.items()}
columns["champion_a"][5] = None
columns["challenger_b"][20][149] = None
lists = [pa.list_(pa.float32()), pa.large_list(pa.float64()), pa.list_(pa.float32(), LONG), pa.list_(pa.float32())]
types = dict(zip(columns, lists))
table = pa.table(
    {"id": [f"p{row}" for row in range(24)]}
    | {"emb_" + name: pa.array(of, types[name]) for name, of in columns.items()}
    | {"gold": gold[:24]}
)
pq.write_table(table, Path(__file__).parents[1] / "fixtures/parquet/pairs.parquet", row_group_size=16)
keep = [row for row in range(24) if row not in (5, 20)]
long = {
    arm: values(similarities(wide[f"{arm}_a"][keep], wide[f"{arm}_b"][keep]), gold[keep])["cosine_spearman"]
    for arm in arms
}

listed = lambda part: [[float(f"{x:.4f}") for x in row] for row in part.tolist()]
stored = {
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
    "gold": gold.tolist(),
    "vectors": {arm: [listed(part) for part in vectors] for arm, vectors in arms.items()},
    "values": result,
    "differences": differences,
    "jackknife": jackknife,
    "parquet": long,
}
text = json.dumps(stored, indent=1)
# One vector a line.
text = re.sub(r"\[\s+(-?[\d.e-]+(?:,\s+-?[\d.e-]+)*)\s+\]", lambda m: "[" + re.sub(r"\s+", "", m.group(1)) + "]", text)
Path(__file__).with_name("similarity.json").write_text(text + "\n")
