"""Templates of pages: how they are read, and how figures are written in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from lstm_pipeline.report import numerals


def templates(package: str = "lstm_pipeline.report", **filters: Callable[..., str]) -> Environment:
    """The templates of a package; `filters`: what they use beside the ways to write numbers."""
    environment = Environment(
        loader=PackageLoader(package, "."),
        autoescape=True,
        # a name misspelt in the template fails instead of printing nothing
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "sort_keys": True}
    usual: Mapping[str, Callable[..., str]] = {
        "number": numerals.number,
        "percent": numerals.percent,
        "count": numerals.count,
        "words": numerals.words,
    }
    environment.filters.update({**usual, **filters})
    return environment
