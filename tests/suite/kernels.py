"""Reference values for kernels.rs, by scikit-learn, SciPy and pytrec_eval.

    pip install numpy scipy scikit-learn pytrec_eval-terrier
    python kernels.py > kernels.json

The rows are made by the same integer generator as in kernels.rs, so that only values are stored. What no library
computes (WAPE, sMAPE, Lin's coefficient, binned calibration, ties in the top k) is written out by its formula.
"""

import json

import numpy as np
import pytrec_eval
from scipy import stats
from sklearn import metrics as sk


class Draws:
    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit


def regression():
    draws, y, p = Draws(1), [], []
    for _ in range(400):
        truth = draws.below(200) - 60
        truth += truth >= 0
        y.append(truth / 4)
        p.append((truth + draws.below(40) - 17) / 4)
    y, p = np.array(y), np.array(p)
    e = p - y
    a = np.abs(e)
    return dict(
        mae=sk.mean_absolute_error(y, p), mse=sk.mean_squared_error(y, p), rmse=sk.root_mean_squared_error(y, p),
        median_absolute_error=sk.median_absolute_error(y, p), absolute_error_p90=np.quantile(a, 0.9),
        absolute_error_p95=np.quantile(a, 0.95), max_error=sk.max_error(y, p), bias=e.mean(),
        mape=sk.mean_absolute_percentage_error(y, p), smape=np.mean(2 * a / (abs(y) + abs(p))),
        wape=a.sum() / abs(y).sum(), r2=sk.r2_score(y, p), explained_variance=sk.explained_variance_score(y, p),
        pearson=stats.pearsonr(y, p)[0], spearman=stats.spearmanr(y, p)[0],
        ccc=2 * np.cov(y, p, ddof=0)[0, 1] / (y.var() + p.var() + e.mean() ** 2),
        pinball_loss=sk.mean_pinball_loss(y, p, alpha=0.9),
    )


def ece(confidence, hit, bins):
    place = np.clip(np.ceil(confidence * bins) - 1, 0, bins - 1)
    return sum(abs(hit[place == b].sum() - confidence[place == b].sum()) for b in range(bins)) / len(hit)


def top(y, q, k):
    own = q[np.arange(len(y)), y][:, None]
    return np.clip((k - (q > own).sum(1)) / (q == own).sum(1), 0, 1).mean()


def multiclass():
    draws, k, n = Draws(2), 4, 500
    y, p, cells = [], [], []
    for _ in range(n):
        truth = min(draws.below(4), draws.below(4))
        # Small weights make ties; a power of two as sum makes the division exact.
        weights = [draws.below(6) + (5 if c == truth else 0) for c in range(k)]
        taken = truth if draws.below(5) < 3 else draws.below(4)
        weights[taken] += 64 - sum(weights)
        y.append(truth), p.append(int(np.argmax(weights))), cells.append([w / 64 for w in weights])
    y, p, q = np.array(y), np.array(p), np.array(cells)
    hit, onehot = (y == p) * 1.0, np.eye(k)[y]
    out = dict(
        accuracy=sk.accuracy_score(y, p), balanced_accuracy=sk.balanced_accuracy_score(y, p),
        mcc=sk.matthews_corrcoef(y, p), kappa=sk.cohen_kappa_score(y, p),
        kappa_linear=sk.cohen_kappa_score(y, p, weights="linear"),
        kappa_quadratic=sk.cohen_kappa_score(y, p, weights="quadratic"),
        top_2_accuracy=top(y, q, 2), top_3_accuracy=top(y, q, 3),
        log_loss=sk.log_loss(y, q), brier=((q - onehot) ** 2).sum(1).mean(),
        top_label_calibration_error=ece(q.max(1), hit, 15),
        classwise_calibration_error=np.mean([ece(q[:, c], onehot[:, c], 15) for c in range(k)]),
        roc_auc_ovr=sk.roc_auc_score(y, q, multi_class="ovr", average="macro"),
        roc_auc_ovr_weighted=sk.roc_auc_score(y, q, multi_class="ovr", average="weighted"),
        roc_auc_ovo=sk.roc_auc_score(y, q, multi_class="ovo", average="macro"),
        roc_auc_ovo_weighted=sk.roc_auc_score(y, q, multi_class="ovo", average="weighted"),
    )
    for name, score in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
        for average in ("macro", "weighted"):
            out[f"{average}_{name}"] = score(y, p, average=average)
    return out


def ranking():
    draws, qrels, run = Draws(3), {}, {}
    for q in range(40):
        judged, listed = {}, {}
        for d in range(30):
            if draws.below(3):
                judged[f"d{d:02}"] = max(0, draws.below(6) - 2)
            if draws.below(4):
                listed[f"d{d:02}"] = float(draws.below(12))
        judged["d99"] = 1
        listed["d00"] = listed.get("d00", 1.0)
        qrels[f"q{q}"], run[f"q{q}"] = judged, listed
    names = {"map", "Rprec", "bpref", "recip_rank", "P_5,10", "recall_5,10", "ndcg_cut_5,10", "map_cut_5,10",
             "success_1,5", "ndcg"}
    names = {name.replace("_5,10", ".5,10").replace("_1,5", ".1,5") for name in names}
    found = pytrec_eval.RelevanceEvaluator(qrels, names).evaluate(run)
    return {name: [found[f"q{q}"][name] for q in range(40)] for name in found["q0"]}


if __name__ == "__main__":
    print(json.dumps(dict(regression=regression(), multiclass=multiclass(), ranking=ranking()), indent=1))
