"""What to do about a file that cannot be used as it is: a line of pandas that writes a better one."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_pipeline.first_use.dialect import Dialect
from lstm_pipeline.first_use.toml import toml
from lstm_pipeline.sources.listing import without_suffix


def joining(columns: Sequence[str], file: str, dialect: Dialect) -> str:
    """How to join several columns of ids to one, which stands first."""
    joined = ' + "-" + '.join(f"d[{toml(name)}].astype(str)" for name in columns)
    return _rewriting(file, _options(dialect), f'd.insert(0, "series_id", {joined})')


def without_thousands(mark: str, file: str, dialect: Dialect) -> str:
    """How to have numbers written without the mark of their thousands."""
    decimal = ', decimal=","' if mark == "." else ""
    return _rewriting(file, f'{_options(dialect)}, thousands="{mark}"{decimal}')


def _rewriting(file: str, options: str, change: str = "") -> str:
    """Read, change and write, and the command that comes next."""
    kind = "parquet" if file.endswith(".parquet") else "csv"
    better = f"{without_suffix(file)}-better.{kind}"
    index = ", index=False" if kind == "csv" else ""
    steps = [
        f"import pandas; d = pandas.read_{kind}({toml(file)}{options})",
        change,
        f"d.to_{kind}({toml(better)}{index})",
    ]
    return f"{'; '.join(filter(None, steps))} and then `lstm-pipeline init {better}`"


def _options(dialect: Dialect) -> str:
    """What pandas must be told before it can read the file."""
    usual = Dialect()
    given = {
        "sep": dialect.delimiter if dialect.delimiter != usual.delimiter else None,
        "encoding": dialect.encoding if dialect.encoding != usual.encoding else None,
        "decimal": dialect.decimal if dialect.decimal != usual.decimal else None,
    }
    return "".join(f", {key}={toml(value)}" for key, value in given.items() if value is not None)
