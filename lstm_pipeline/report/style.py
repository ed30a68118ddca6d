"""The style that all pages share, with the colours of light and dark."""

from __future__ import annotations

from importlib import resources

from markupsafe import Markup

from lstm_pipeline.report.palette import DARK, LIGHT


def style() -> Markup:
    """A style sheet to stand inside a page."""
    sheet = resources.files("lstm_pipeline.report").joinpath("page.css").read_text(encoding="utf-8")
    # on the screen alone: paper is light
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{DARK.variables()}}}}}"
    return Markup(f":root{{{LIGHT.variables()}}}{dark}\n{sheet}")
