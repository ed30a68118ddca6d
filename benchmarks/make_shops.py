"""Write data/shops.csv: two years of daily sales of twelve made-up shops, with the faults that real feeds have.

    python benchmarks/make_shops.py data/shops.csv

Each shop has its own size and week; all share the weather, whose warm and cold spells last for days. Planted
faults: days without a row, a row sent twice, a day reported with two different values, a till that was down
(empty value), and one shop that opened three weeks before the end.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from pathlib import Path

import numpy as np

SHOPS = ("altona", "barmbek", "dammtor", "eimsbuettel", "fuhlsbuettel", "hamm",
         "harburg", "lokstedt", "ottensen", "rahlstedt", "winterhude")  # fmt: skip
NEWCOMER = "zollenspieker"
DAYS = 730
FIRST = dt.date(2024, 1, 1)


def weather(rng: np.random.Generator) -> np.ndarray:
    """Spells of good and bad weather: an AR(1) with half-life of about four days, (DAYS,)."""
    spell = np.zeros(DAYS)
    for day in range(1, DAYS):
        spell[day] = 0.85 * spell[day - 1] + rng.normal(0, 1)
    return spell


def sales(rng: np.random.Generator, sky: np.ndarray) -> np.ndarray:
    """Items sold per day by one shop: (DAYS,)."""
    size = rng.uniform(80, 900)
    week = np.array([0.9, 0.85, 0.9, 1.0, 1.25, 1.5, 0.6]) * rng.normal(1, 0.06, 7)
    year = 1 + 0.12 * np.sin(2 * np.pi * (np.arange(DAYS) - 80) / 365)
    noise = rng.normal(1, 0.05, DAYS)
    return np.round(size * week[np.arange(DAYS) % 7] * year * (1 + rng.uniform(0.05, 0.08) * sky) * noise)


def rows(seed: int = 7) -> list[tuple[str, str, str]]:
    """All rows in the order a feed would send them: shop, day, items."""
    rng = np.random.default_rng(seed)
    sky = weather(rng)
    result: list[tuple[str, str, str]] = []
    for shop in (*SHOPS, NEWCOMER):
        sold = sales(rng, sky)
        begin = DAYS - 21 if shop == NEWCOMER else 0
        for day in range(begin, DAYS):
            result.append((shop, (FIRST + dt.timedelta(days=day)).isoformat(), f"{max(sold[day], 0):.0f}"))
    return with_faults(result)


def with_faults(clean: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The faults of real feeds, at fixed places."""
    faulty = list(clean)
    faulty[1500] = (*faulty[1500][:2], "")  # the till was down
    faulty.insert(2500, faulty[2500])  # sent twice
    shop, day, sold = faulty[3500]
    faulty.insert(3501, (shop, day, str(int(sold) + 40)))  # corrected later, and both rows kept
    del faulty[5200:5203]  # three days without a row
    return faulty


def main(path: Path) -> None:
    """Write the file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("shop", "day", "sold"))
        writer.writerows(rows())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
