"""One picture: error of what was published against the number of promotions, a panel per set."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from replay.rules import OTHERS
from replay.tables import Record, ratio

TOLD = ("ours, no refit", "never, refit", "always, refit", "lower MSE, refit")
"""Variants whose names are written beside their points, too."""


def draw(sets: dict[str, dict[str, Record]], file: Path) -> None:
    """Draw one panel for each set."""
    figure, panels = plt.subplots(1, len(sets), figsize=(6.2 * len(sets), 5.2), squeeze=False)
    usual = {rule.name for rule in OTHERS}
    for panel, (name, records) in zip(panels[0], sets.items(), strict=True):
        for record in records.values():
            kind = "C3" if record.rule == "ours" else "C0" if record.rule in usual else "0.6"
            colour = "C2" if record.rule in TOLD else kind
            place = (record.promotions, ratio(records, record.rule))
            named = record.rule == "ours" or record.rule in usual
            panel.scatter(*place, color=colour, s=70 if named else 22, zorder=3 if named else 2)
            if named or record.rule in TOLD:
                size = 9 if named else 6.5
                panel.annotate(record.rule, place, xytext=(5, 4), textcoords="offset points", fontsize=size)
        panel.axhline(1.01, color="0.8", linewidth=1, linestyle="--")
        panel.axvline(records["lower MSE"].promotions / 2, color="0.8", linewidth=1, linestyle="--")
        panel.set_title(name)
        panel.set_xlabel("promotions in 51 retrainings")
        panel.set_ylabel("error of what was published, best usual rule = 1")
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)
