"""Reference values for texts.rs, by sacrebleu, rouge_score and NLTK's edit distance.

    pip install sacrebleu rouge_score nltk
    python texts.py > texts.json

Texts are written here or made of the words below, and stored with the values.
"""

import json
import random
import re
import string
from collections import Counter

from nltk.metrics.distance import edit_distance
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU, CHRF, TER

WRITTEN = [
    ("The cat sat on the mat.", "The cat sat on the mat."),
    ("the cat is on the mat", "The cat sat on the mat."),
    ("It cost $3,200.50 (about 1.5%) on 2024-05-06 - or so", "It cost $3200.50, about 1.5 %, on 2024-05-06; or so."),
    ("He said: \"No!\" & left", "He said: &quot;No!&quot; &amp; left"),
    ("Der Präsident sagte: „Wir kommen“ – und ging.", "Der Präsident hat gesagt: „Wir kommen“, und er ging."),
    ("我喜欢吃苹果。", "我很喜欢吃 apple 。"),
    ("これはテストです、2つ。", "これはテストでした。"),
    ("a b c d e f g h", "e f g h a b c d"),
    ("one two three four five six seven eight nine ten", "two three one ten four five six eight seven nine"),
    ("", "something was expected here"),
    ("an answer where none was due", ""),
    ("   ", "white space only"),
    ("word", "word"),
    ("two words", "two words more"),
    ("Don't re-enter the well-known rock'n'roll bar", "do not reenter the well known rock 'n' roll bar"),
    ("first line\nsecond line is here\nthird", "second line was here\nfirst lines\n\nthird one"),
    ("https://example.org/a_b?c=1&d=2 @user #tag", "https://example.org/a_b?c=1 @user #tag"),
    ("naïve café — déjà vu… 10 € ½ ² Ⅷ ₂ °C", "naive café - déjà vu... 10€ 1/2 2 VIII 2 °C"),
    ("x² + y² = z² ± 5×3÷2", "x2 + y2 = z2 +- 5*3/2"),
    ("tab\tseparated\u00a0nbsp\u2003em", "tab separated nbsp em"),
    ("e\u0301tude \U0001f600 \U0001f468\u200d\U0001f469 ok", "étude \U0001f600 ok"),
    ("running runner runs easily and happily relational conditions", "run runs ran ease happy relate conditional"),
    ("A an THE the thea", "the answer"),
    ("...", "!!!"),
    ("hello , world . bye-", "hello, world. bye-"),
    ("3,4 .5 6. a.b a,b 1-2 x-3 3-x", "3, 4 . 5 6 . a. b"),
    ("<skipped>kept<skipped> hyphen-\nated", "kept hyphenated"),
    ("aaaa aaaa aaaa", "aaaa"),
    ("İstanbul ẞ STRASSE", "istanbul ß strasse"),
    ("\u2028line\u0085sep\x1cunit", "line sep unit"),
]

WORDS = "the of a model answer score better, worse. not (if) 12 3.5 per-cent user's x; Y: é — ok ! new".split()


def made():
    draw = random.Random(20240506)
    for _ in range(60):
        reference = [draw.choice(WORDS) for _ in range(draw.randrange(1, 40))]
        answer = [word for word in reference if draw.random() > 0.1]
        for _ in range(draw.randrange(0, 4)):
            a, b = sorted((draw.randrange(len(answer) + 1), draw.randrange(len(answer) + 1)))
            phrase, rest = answer[a:b], answer[:a] + answer[b:]
            at = draw.randrange(len(rest) + 1)
            answer = rest[:at] + phrase + rest[at:]
        answer = [draw.choice(WORDS) if draw.random() < 0.15 else word for word in answer]
        yield " ".join(answer), " ".join(reference)


def long_shift():
    # Beyond Tercom's limits of shifts and of its beam.
    draw = random.Random(7)
    words = [f"w{draw.randrange(60)}" for _ in range(150)]
    yield " ".join(words[90:] + words[:90]), " ".join(words)
    yield " ".join(words[:40]), " ".join(words)
    yield " ".join(words), " ".join(words[100:])


PAIRS = WRITTEN + list(made()) + list(long_shift())
ANSWERS = [answer for answer, _ in PAIRS]
FIRST = [reference for _, reference in PAIRS]
# A second reference, missing in every third row.
SECOND = [None if at % 3 == 0 else FIRST[at - 1] + " " + FIRST[at] for at in range(len(PAIRS))]


def of(metric, sentence):
    row = lambda at: [ref[at] for ref in (FIRST, SECOND) if ref[at] is not None]
    return dict(
        signature=[str(metric.get_signature()).rsplit("|version", 1)[0] for _ in [metric.corpus_score(ANSWERS, [FIRST])]][0],
        corpus=metric.corpus_score(ANSWERS, [FIRST]).score,
        corpus_of_two=metric.corpus_score(ANSWERS, [FIRST, SECOND]).score,
        sentences=[sentence.sentence_score(a, [r]).score for a, r in PAIRS],
        sentences_of_two=[sentence.sentence_score(a, row(at)).score for at, (a, _) in enumerate(PAIRS)],
    )


def bleu(**options):
    values = of(BLEU(**options), BLEU(**(options | dict(effective_order=True))))
    counts = BLEU(**options).corpus_score(ANSWERS, [FIRST])
    return values | dict(counts=counts.counts, totals=counts.totals, lengths=[counts.sys_len, counts.ref_len],
                         precisions=counts.precisions, penalty=counts.bp)


def normalised(text):
    # evaluate-v1.1.py of SQuAD
    text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def token_f1(answer, reference):
    a, b = normalised(answer), normalised(reference)
    if not a or not b:
        return float(a == b)
    same = sum((Counter(a) & Counter(b)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(a), same / len(b)
    return 2 * precision * recall / (precision + recall)


def jaccard(answer, reference):
    a, b = set(normalised(answer)), set(normalised(reference))
    return len(a & b) / len(a | b) if a | b else 1.0


def rouge(name, stem):
    scorer = RougeScorer([name], use_stemmer=stem)
    return [list(scorer.score(r, a)[name]) for a, r in PAIRS]


def best(of):
    # SQuAD, rouge_score's score_multi: the best of a row's references; the mean over rows.
    rows = [[ref[at] for ref in (FIRST, SECOND) if ref[at] is not None] for at in range(len(PAIRS))]
    return sum(max(of(a, r) for r in refs) for a, refs in zip(ANSWERS, rows)) / len(rows)


def best_rouge(name):
    scorer = RougeScorer([name])
    rows = [[ref[at] for ref in (FIRST, SECOND) if ref[at] is not None] for at in range(len(PAIRS))]
    return sum(scorer.score_multi(refs, a)[name].fmeasure for a, refs in zip(ANSWERS, rows)) / len(rows)


bleus = {name: bleu(**options) for name, options in {
    "13a exp": {},
    "none exp": dict(tokenize="none"),
    "intl exp": dict(tokenize="intl"),
    "char exp": dict(tokenize="char"),
    "zh exp": dict(tokenize="zh"),
    "13a lower": dict(lowercase=True),
    "13a none": dict(smooth_method="none"),
    "13a floor": dict(smooth_method="floor"),
    "13a add-k": dict(smooth_method="add-k"),
}.items()}
chrfs = {name: of(CHRF(**options), CHRF(**options)) for name, options in {
    "chrf": {},
    "chrf++": dict(word_order=2),
    "chrf lower": dict(lowercase=True),
    "chrf space": dict(whitespace=True),
    "chrf3": dict(beta=3),
}.items()}
ters = {name: of(TER(**options), TER(**options)) for name, options in {
    "ter": {},
    "ter mixed": dict(case_sensitive=True),
}.items()}

print(json.dumps(dict(
    answers=ANSWERS, first=FIRST, second=SECOND, bleu=bleus, chrf=chrfs, ter=ters,
    rouge={f"{name}{' stem' if stem else ''}": rouge(name, stem)
           for name in ("rouge1", "rouge2", "rougeL", "rougeLsum") for stem in (False, True)},
    token_f1=[token_f1(a, r) for a, r in PAIRS],
    normalised_match=[float(normalised(a) == normalised(r)) for a, r in PAIRS],
    jaccard=[jaccard(a, r) for a, r in PAIRS],
    best_of_two=dict(
        exact_match=best(lambda a, r: float(a == r)), jaccard=best(jaccard),
        rouge_1=best_rouge("rouge1"), rouge_2=best_rouge("rouge2"), rouge_l=best_rouge("rougeL"),
        levenshtein=-best(lambda a, r: -edit_distance(a, r)),
    ),
    levenshtein=[edit_distance(a, r) for a, r in PAIRS],
    words=[[edit_distance(a.split(), r.split()), len(r.split())] for a, r in PAIRS],
), indent=None, separators=(",", ":"), ensure_ascii=True))
