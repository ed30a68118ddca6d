"""Frames of forecasts as cross-validations leave them, made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lstm_pipeline.comparing import Question, compare
from lstm_pipeline.gate import GatePolicy

START = pd.Timestamp("2024-03-01")


def frame(model="LSTM", *, noise=1.0, seed=1, cutoffs=40, horizon=6, stride=6, series=("a", "b"), freq="h"):
    """One model's forecasts: every series is a season with surprises, met up to noise of its own size."""
    truth, own = np.random.default_rng(0), np.random.default_rng(seed)
    length = 1 + cutoffs * stride + horizon
    times = np.arange(length) if freq is None else pd.date_range(START, periods=length, freq=freq)
    parts = []
    for size, name in enumerate(series, 1):
        y = size * (10 + np.sin(np.arange(length) * np.pi / 3) + truth.normal(size=length))
        for cut in range(0, cutoffs * stride, stride):
            ahead = slice(cut + 1, cut + 1 + horizon)
            made = {"unique_id": name, "ds": times[ahead], "cutoff": times[cut], "y": y[ahead]}
            forecast = y[ahead] + size * noise * own.normal(size=horizon)
            parts.append(pd.DataFrame(made | {model: forecast}))
    return pd.concat(parts, ignore_index=True)


def pair(**settings):
    """A champion, and a candidate that is clearly better."""
    return frame(**settings), frame("NHITS", noise=0.6, seed=2, **settings)


def asker(folder):
    """A function that writes two frames to files and compares them."""

    def ask(champion, candidate, *, suffix=".parquet", mode="standard", **more):
        paths = [folder / f"{name}{suffix}" for name in ("champion", "candidate")]
        for path, table in zip(paths, (champion, candidate), strict=True):
            if suffix == ".parquet":
                table.to_parquet(path)
            else:
                table.to_csv(path, index=False)
        policy = GatePolicy(mode=mode)
        return compare(Question(champion=str(paths[0]), candidate=str(paths[1]), policy=policy, **more))

    return ask
