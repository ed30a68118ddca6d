"""One list of awkward series, to be crossed with everything that takes a series."""

import numpy as np

rng = np.random.default_rng(7)
line = np.arange(60.0)

AWKWARD = {
    "constant": np.full(60, 3.5),
    "zero": np.zeros(60),
    "one value": np.array([4.0]),
    "two values": np.array([4.0, 5.0]),
    "linear": line,
    "falling": -2.5 * line,
    "huge scale": 1e12 + 1e9 * np.sin(line),
    "tiny scale": 1e-12 * np.sin(line),
    "level far from its spread": 1e8 + np.sin(line),
    "one spike": np.where(line == 30, 1e6, 0.0),
    "step": np.where(line < 30, 0.0, 100.0),
    "alternating": np.where(line % 2 == 0, -1.0, 1.0),
    "noise": rng.standard_normal(60),
    "NaN first": np.where(line < 3, np.nan, line),
    "NaN inside": np.where((line > 20) & (line < 30), np.nan, line),
    "NaN last": np.where(line > 55, np.nan, line),
    "only NaN": np.full(60, np.nan),
    "infinite inside": np.where(line == 30, np.inf, line),
}
"""Name -> values, oldest first; NaN where nobody observed."""
