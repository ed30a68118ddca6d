"""Simulate the critical values of the paired test: prints the table that stands in lstm_pipeline/gate/critical.py.

    python benchmarks/fixed_b.py [--draws 400000]

The limit of the statistic under fixed-b asymptotics (Kiefer, Vogelsang 2005), Bartlett kernel, bandwidth a share b
of the sample, is drawn as a random walk of 1,000 steps. Beside the table: its largest distance from the polynomials
that they print for 5 % and 10 %. Takes two minutes on one core.
"""

from __future__ import annotations

import argparse

import numpy as np

STEPS, CHUNK = 1000, 4000
SHARES = [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5]
LEVELS = [0.2, 0.1, 0.05, 0.025, 0.01, 0.005, 0.0025, 0.001, 0.0005]
PUBLISHED = {0.05: (1.6449, 2.1859, 0.3142, -0.3427), 0.1: (1.2816, 1.3040, 0.5135, -0.3386)}
"""One-sided critical values 1, b, b^2, b^3 of Kiefer and Vogelsang (2005), table 1, Bartlett."""


def statistics(rng: np.random.Generator, draws: int) -> np.ndarray:
    """The statistic of as many series without an effect, by share of the bandwidth: (len(SHARES), draws)."""
    noise = rng.standard_normal((draws, STEPS))
    walk = np.concatenate(
        [np.zeros((draws, 1)), np.cumsum(noise - noise.mean(axis=1, keepdims=True), axis=1)], axis=1
    )
    found = np.empty((len(SHARES), draws))
    for place, share in enumerate(SHARES):
        width = round(share * STEPS)
        begin = np.arange(1 - width, STEPS)
        # the Bartlett sum of autocovariances is the mean square of all sums over windows of this width
        sums = walk[:, np.minimum(begin + width, STEPS)] - walk[:, np.maximum(begin, 0)]
        variance = (sums**2).sum(axis=1) / (STEPS * width)
        found[place] = noise.mean(axis=1) / np.sqrt(variance / STEPS)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=400_000)
    draws = parser.parse_args().draws
    rng = np.random.default_rng(20261125)
    found = np.concatenate([statistics(rng, CHUNK) for _ in range(draws // CHUNK)], axis=1)
    # the limit is symmetric: both tails tell of one
    both = np.sort(np.concatenate([found, -found], axis=1), axis=1)
    table = {
        share: [float(np.quantile(row, 1 - level)) for level in LEVELS]
        for share, row in zip(SHARES, both, strict=True)
    }
    for share, row in table.items():
        print(f"    {share}: ({', '.join(f'{value:.3f}' for value in row)}),")
    for level, terms in PUBLISHED.items():
        off = [table[b][LEVELS.index(level)] - sum(t * b**p for p, t in enumerate(terms)) for b in SHARES]
        print(f"largest distance from the published polynomial at {level:.0%}: {max(map(abs, off)):.3f}")


if __name__ == "__main__":
    main()
