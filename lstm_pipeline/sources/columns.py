"""Which column of a file stands for what."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import pyarrow as pa

from lstm_pipeline.errors import BadInput
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.sheet import Roles


def roles_of(schema: pa.Schema, source: FilesSource, file: str) -> Roles:
    """What each column of a file stands for, as the source says or by the usual names.

    Raises:
        BadInput: a column that is named is not there, or it is not clear which one holds the values.
    """
    names = schema.names
    known_at = (source.known_at,) if source.known_at else ()
    if source.layout == "rows":
        identity = source.id or names[0]
        roles = Roles(time=(), id=identity, values=_others(names, (identity,)), known_at=None)
    elif source.layout == "wide":
        time = _time(source, names)
        values = source.values or _others(names, (*time, *known_at))
        roles = Roles(time=time, id=None, values=values, known_at=source.known_at)
    else:
        time = _time(source, names)
        identity = source.id or ("unique_id" if "unique_id" in names else None)
        # before a column of values is looked for: a mistyped name would be told as a doubt about the values
        _refuse_missing((*time, *filter(None, (identity, source.value)), *known_at), names, file)
        taken = (*time, *filter(None, (identity,)), *known_at)
        value = source.value or _value(schema, taken, file)
        roles = Roles(time=time, id=identity, values=(value,), known_at=source.known_at)
    _refuse_missing(roles.all, names, file)
    if not roles.values:
        raise BadInput(f"{file}: no column is left that could hold values; there is {_listed(names)}")
    return roles


def _time(source: FilesSource, names: Sequence[str]) -> tuple[str, ...]:
    """The columns that give the time: as named, else ds where there is one."""
    if source.time is None:
        return ("ds",) if "ds" in names else ()
    return (source.time,) if isinstance(source.time, str) else source.time


def _value(schema: pa.Schema, taken: Sequence[str], file: str) -> str:
    """The column of values where none is named: y, else the only one left, else the only numeric one left.

    Raises:
        BadInput: there are none or several.
    """
    left = _others(schema.names, taken)
    if "y" in left:
        return "y"
    numeric = [name for name in left if _is_number(schema.field(name).type)]
    chosen = left if len(left) == 1 else tuple(numeric)
    if len(chosen) != 1:
        raise BadInput(
            f"{file}: which column holds the values? Possible are {_listed(chosen or left)}; name one, "
            'e.g. value = "…", or set layout = "wide" where each column is a series'
        )
    return chosen[0]


def _is_number(kind: pa.DataType) -> bool:
    """True for integers, floats and decimals."""
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _others(names: Sequence[str], taken: Sequence[str]) -> tuple[str, ...]:
    """The names that are not taken, in their order."""
    return tuple(name for name in names if name not in taken)


def _refuse_missing(wanted: Sequence[str], names: Sequence[str], file: str) -> None:
    """Refuse a file without the columns that were asked for.

    Raises:
        BadInput: one is missing; the message lists what is there and the closest name.
    """
    mark = next((mark for mark in ";\t|" if len(names) == 1 and mark in names[0]), None)
    faults: list[str] = []
    for name in wanted:
        if name not in names:
            close = [] if mark else get_close_matches(name, names, n=1)
            faults.append(f'no column "{name}"' + (f'; did you mean "{close[0]}"?' if close else ""))
    if faults:
        hint = ""
        if mark:
            shown = mark.replace("\t", "\\t")
            hint = f'; they look separated by "{shown}": set delimiter = "{shown}" in [source]'
        raise BadInput(f"{file}: the columns are {_listed(names)}{hint}", faults)


def _listed(names: Sequence[str]) -> str:
    """Names for a message, the first twenty of many."""
    more = f", … ({len(names)} in all)" if len(names) > 20 else ""
    return ", ".join(f'"{name}"' for name in names[:20]) + more
