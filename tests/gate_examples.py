"""Losses and evidence that the tests of the gate begin with."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from lstm_pipeline.gate import Evidence, OriginLosses, SliceLosses

NAN, INF = math.nan, math.inf


def losses(candidate, baseline, champion=None, clean=None):
    """Losses per origin; every origin is clean where nothing else is said."""
    known = None if champion is None else np.asarray(champion, dtype=float)
    seen = None if known is None else np.ones(len(known), bool) if clean is None else np.asarray(clean, bool)
    return OriginLosses(
        candidate=np.asarray(candidate, dtype=float),
        baseline=np.asarray(baseline, dtype=float),
        champion=known,
        clean=seen,
    )


def level(mean, origins=40):
    """The same loss at every origin."""
    return np.full(origins, float(mean))


def restless(mean, origins=40, deviation=0.5):
    """Losses around a mean, hit exactly, with one half of the origins far above and one far below."""
    noise = np.random.default_rng(origins).normal(size=origins)
    return mean + deviation * (noise - noise.mean())


def rivals(candidate, champion, origins=40, baseline=1.0):
    """Losses that are the same at every origin."""
    known = None if champion is None else level(champion, origins)
    return losses(level(candidate, origins), level(baseline, origins), known)


def part(candidate, champion, origins=40):
    """A slice whose losses are the same at every origin."""
    return SliceLosses(candidate=level(candidate, origins), champion=level(champion, origins))


def evidence(**changes):
    """A candidate that is far better than its champion on forty origins, unless something else is said."""
    usual = Evidence(
        losses=rivals(0.5, 0.8),
        intact=True,
        sound=True,
        finite=True,
        test_mse=3.0,
        leaky=False,
        stale=False,
        newest=True,
    )
    return dataclasses.replace(usual, **changes)
