"""What a season may be at a frequency, for the comment beside the guess."""

from __future__ import annotations

from lstm_pipeline.series.freq import DAY, parse_freq

CYCLES = {"an hour": DAY // 24, "a day": DAY, "a week": 7 * DAY, "a year": round(365.25 * DAY)}
"""Microseconds."""
MOST = 10_000
"""Steps of a season that is worth naming."""


def alternatives(freq: str | int, season: int, repeats: int) -> str:
    """Why a season has this length and what else it could be.

    `repeats` is where the series correlate with themselves; 1 where they do not.
    """
    cycles = _cycles(freq)
    name = next((f" ({name})" for name, steps in cycles.items() if steps == season), "")
    others = [f"{steps} ({name})" for name, steps in cycles.items() if steps != season]
    also = f"; also {', '.join(others)}" if others else ""
    if repeats not in (1, season):
        also += f"; the data themselves repeat after about {repeats}"
    if isinstance(freq, int):
        return (
            "guessed: where the oldest part repeats itself" if season > 1 else "guessed: no season was found"
        )
    return f"guessed from freq{name}{also}"


def _cycles(freq: str | int) -> dict[str, int]:
    """The cycles of the clock and the calendar that are whole numbers of steps, or nearly: name -> steps."""
    if isinstance(freq, int):
        return {}
    parsed = parse_freq(freq)
    if parsed.kind == "business":
        return {"a week": 5, "a year": 260} if parsed.count == 1 else {}
    if parsed.kind != "fixed":
        return {"a quarter": 3, "a year": 12} if parsed.count == 1 else {}
    return {
        name: round(width / parsed.count)
        for name, width in CYCLES.items()
        # hardly any step divides a year of 365.25 days: it is rounded
        if 2 <= width / parsed.count <= MOST and (width % parsed.count == 0 or name == "a year")
    }
