"""Reference values for images.rs, by pycocotools and scikit-image.

    pip install pycocotools scikit-image
    python images.py > images.json

Boxes and pixels are made by the same integer generator as in images.rs, so that only values are stored.
"""

import contextlib
import io
import json

import numpy as np
from pycocotools import mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity


class Draws:
    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit


def boxes():
    """Images, objects, boxes: classes 0 to 4 (4 has boxes alone), crowds, equal scores, images without either."""
    draws, objects, found = Draws(11), [], []
    for image in range(60):
        for _ in range(draws.below(7)):
            side = [20, 60, 200][draws.below(3)]
            x, y, w, h = draws.below(300), draws.below(300), 2 + draws.below(side), 2 + draws.below(side)
            kind, crowd = draws.below(4), int(draws.below(12) == 0)
            area = w * h * (60 + draws.below(41)) / 100
            objects.append(dict(id=len(objects) + 1, image_id=image, category_id=kind, bbox=[x, y, w, h], area=area,
                                iscrowd=crowd))
            for _ in range(draws.below(4)):
                shift = lambda: draws.below(2 * (1 + side // 8)) - side // 8
                moved = [x + shift(), y + shift(), max(1, w + shift()), max(1, h + shift())]
                same = draws.below(8) > 0
                other = draws.below(5)
                found.append(dict(image_id=image, category_id=kind if same else other, bbox=moved,
                                  score=draws.below(40) / 40))
        for _ in range(draws.below(3)):
            found.append(dict(image_id=image, category_id=draws.below(5), score=draws.below(40) / 40,
                              bbox=[draws.below(300), draws.below(300), 1 + draws.below(90), 1 + draws.below(90)]))
    return objects, found


def second(found):
    """Another model: each fifth box is left out, the others lie two pixels to the right."""
    left = [box for at, box in enumerate(found) if at % 5 != 3]
    return [dict(box, bbox=[box["bbox"][0] + 2, *box["bbox"][1:]]) for box in left]


def overlap(objects, found):
    """Mean over boxes of the greatest IoU with an object of their class, crowds left out."""
    best = []
    for box in found:
        own = [o["bbox"] for o in objects
               if (o["image_id"], o["category_id"], o["iscrowd"]) == (box["image_id"], box["category_id"], 0)]
        best.append(float(mask.iou([box["bbox"]], own, [0] * len(own)).max()) if own else 0.0)
    return sum(best) / len(best)


def coco(of=lambda found: found):
    objects, found = boxes()
    found = of(found)
    truth = COCO()
    truth.dataset = dict(images=[dict(id=at) for at in range(60)], annotations=objects,
                         categories=[dict(id=at) for at in range(5)])
    truth.createIndex()
    run = COCOeval(truth, truth.loadRes(found), "bbox")
    run.evaluate()
    run.accumulate()
    run.summarize()
    precision, recall = run.eval["precision"], run.eval["recall"]
    names = "ap ap_50 ap_75 ap_small ap_medium ap_large ar_1 ar_10 ar_100 ar_small ar_medium ar_large"
    by_class = lambda values: [None if (values[..., k] == -1).all() else float(values[..., k].mean()) for k in range(5)]
    return dict(objects=len(objects), boxes=len(found), mean_iou=overlap(objects, found), summary=dict(zip(names.split(), map(float, run.stats))),
                map_by_class=by_class(precision[:, :, :, 0, 2]), mar_by_class=by_class(recall[:, :, 0, 2]))


def images():
    draws = Draws(5)
    a = np.array([draws.below(256) for _ in range(3 * 40 * 33)], dtype=np.uint8).reshape(40, 33, 3)
    b = np.array([min(255, int(v) // 2 + draws.below(128)) for v in a.ravel()], dtype=np.uint8).reshape(a.shape)
    smooth = np.arange(40 * 33).reshape(40, 33) % 256
    shifted = (smooth * 3 // 4 + 20).astype(np.uint8)
    smooth = smooth.astype(np.uint8)
    out = {}
    for name, x, y, axis in [("colour", a, b, 2), ("grey", smooth, shifted, None)]:
        ssim = lambda **options: float(structural_similarity(x, y, data_range=255, channel_axis=axis, **options))
        out[name] = dict(uniform=ssim(), gaussian=ssim(gaussian_weights=True, sigma=1.5, use_sample_covariance=False),
                         gaussian_sample=ssim(gaussian_weights=True), mse=float(mean_squared_error(x, y)),
                         psnr=float(peak_signal_noise_ratio(x, y, data_range=255)))
    return out


with contextlib.redirect_stdout(io.StringIO()):
    values = dict(coco=coco(), second=coco(second), images=images())
print(json.dumps(values, indent=1))
