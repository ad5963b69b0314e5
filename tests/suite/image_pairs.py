"""Reference values for image_pairs.rs, by scikit-image and NumPy.

    pip install scikit-image
    python image_pairs.py > image_pairs.json

Pixels are made by the same integer generator as in image_pairs.rs, so that only values are stored. SSIM is that of Wang et
al. 2004: Gaussian window of 1.5 pixels, cut at 3.5 standard deviations (11 x 11), population covariance.
"""

import json

import numpy as np
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

ROWS = 40
ARMS = ["champion", "challenger"]


class Draws:
    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit


def images(row):
    """Reference and both outputs of a row: colour, grey, and grey of 16 bits."""
    draws = Draws(100 + row)
    deep = row % 10 == 9
    width, height, channels = (33, 26, 3) if row % 2 == 0 else (21, 40, 1)
    size = width * height * channels
    reference = [(at * 5 // channels + row * 11) % 200 + draws.below(40) for at in range(size)]
    if deep:
        reference = [250 * value for value in reference]
    found = [reference]
    for spread in (6 + row % 20, 4 + row * 7 % 23):
        wide = spread * (250 if deep else 1)
        most = 65535 if deep else 255
        found.append([min(max(value + draws.below(2 * wide + 1) - wide, 0), most) for value in reference])
    shape = (height, width, channels) if channels > 1 else (height, width)
    return [np.array(image, float).reshape(shape) / (257 if deep else 1) for image in found]


def likeness(reference, output):
    colour = 2 if reference.ndim == 3 else None
    return {
        "ssim": structural_similarity(reference, output, data_range=255, channel_axis=colour, gaussian_weights=True,
                                      sigma=1.5, use_sample_covariance=False),
        "psnr": peak_signal_noise_ratio(reference, output, data_range=255),
        "pixel_mse": mean_squared_error(reference, output),
        "pixel_mae": np.abs(reference - output).mean(),
    }


def pooled(mse):
    return 10 * np.log10(255**2 / np.mean(mse))


rows = []
for row in range(ROWS):
    reference, *outputs = images(row)
    rows.append([likeness(reference, output) for output in outputs])
names = list(rows[0][0])
columns = {name: np.array([[found[name] for found in row] for row in rows]) for name in names}
values = {arm: {name: columns[name][:, at].mean() for name in names} for at, arm in enumerate(ARMS)}
differences = {}
for name in names:
    apart = columns[name][:, 1] - columns[name][:, 0]
    differences[name] = {"value": apart.mean(), "error": apart.std(ddof=1) / np.sqrt(ROWS)}
mse = columns["pixel_mse"]
for at, arm in enumerate(ARMS):
    values[arm]["psnr_pooled"] = pooled(mse[:, at])
apart = [pooled(np.delete(mse[:, 1], row)) - pooled(np.delete(mse[:, 0], row)) for row in range(ROWS)]
differences["psnr_pooled"] = {
    "value": pooled(mse[:, 1]) - pooled(mse[:, 0]),
    "jackknife": np.sqrt((ROWS - 1) / ROWS * np.sum((apart - np.mean(apart)) ** 2)),
}
print(json.dumps({"rows": rows, "values": values, "differences": differences}, indent=1))
