"""Before a file is read: is it too big once decompressed, and what is its digest."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Sequence

from lstm_pipeline.errors import BadInput
from lstm_pipeline.sources.listing import SourceFile

BYTES_AT_ONCE = 2**20
"""Bytes read at a time."""
SUSPICIOUS = 64 * 2**20
"""Bytes, after decompression, from which on the ratio counts."""
RATIO = 200
"""Bytes out of one byte in, above which a file is taken for a decompression bomb."""


def digest_of(files: Sequence[SourceFile]) -> str:
    """sha256 over the bytes of the files as stored, in order, in hex."""
    digest = hashlib.sha256()
    for file in files:
        with file.open(inflate=False) as stream:
            while chunk := stream.read(BYTES_AT_ONCE):
                digest.update(chunk)
    return digest.hexdigest()


def refuse_too_big(file: SourceFile, max_bytes: int) -> None:
    """Refuse a CSV file that would not fit, before anything of it is kept.

    Raises:
        BadInput: it holds more than max_bytes, looks like a decompression bomb, or its .gz is broken.
    """
    if not file.name.endswith(".gz"):
        refuse_size(file.name, file.size, max_bytes)
        return
    inflated = 0
    try:
        with file.open(inflate=False) as stored, gzip.GzipFile(fileobj=stored) as stream:
            # read through for its size alone: what gzip writes at its end is modulo 4 GiB, and may lie
            while chunk := stream.read(BYTES_AT_ONCE):
                inflated += len(chunk)
                refuse_size(file.name, inflated, max_bytes)
                refuse_ratio(file, inflated)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"{file.name}: not a whole gzip file ({error}); compress or copy it again") from error


def refuse_size(name: str, size: int, max_bytes: int) -> None:
    """Refuse what is larger than it may be.

    Raises:
        BadInput: it is.
    """
    if size > max_bytes:
        raise BadInput(
            f"{name}: holds {size} bytes or more, at most {max_bytes} are read; "
            "split it, or raise max_bytes in [source]"
        )


def refuse_ratio(file: SourceFile, inflated: int, suspicious: int = SUSPICIOUS) -> None:
    """Refuse what grows too much when decompressed.

    Raises:
        BadInput: it does.
    """
    if inflated > suspicious and inflated > RATIO * file.size:
        raise BadInput(
            f"{file.name}: {file.size} bytes grow to {inflated} and more, over {RATIO} for one, as in a "
            "decompression bomb; if the file is sound, pass it on uncompressed"
        )
