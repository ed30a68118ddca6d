"""Which files a path names: a file, a folder or a glob, local or on S3."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.fs as pafs

from lstm_pipeline.errors import BadInput, Unreachable

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
"""What can be read, by the end of a file's name; .tsv differs from .csv by nothing else."""


def without_suffix(name: str) -> str:
    """A file's name without the end that says what it holds."""
    return next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of a source."""

    filesystem: pafs.FileSystem
    """Where it lies."""
    path: str
    """Its place there."""
    name: str
    """What reports call it: relative to the folder that the source names."""
    size: int
    """Bytes, as stored."""
    changed: int
    """When it was written last: nanoseconds since the epoch; 0 where nobody knows."""

    @property
    def stem(self) -> str:
        """The name without folder and suffix."""
        return PurePosixPath(self.name).name.removesuffix(".gz").rsplit(".", 1)[0]

    def open(self, *, inflate: bool = True) -> pa.NativeFile:
        """A stream of its bytes; those of a .gz decompressed, unless `inflate` is false."""
        compression = "gzip" if inflate and self.name.endswith(".gz") else None
        return self.filesystem.open_input_stream(self.path, compression=compression)


def find_files(path: str) -> tuple[SourceFile, ...]:
    """The data files that a path names, sorted.

    Raises:
        BadInput: there is none, or it is of a kind that is not read.
        Unreachable: the store does not answer.
    """
    folder, pattern = _folder_and_pattern(path)
    try:
        filesystem, inner = _filesystem(folder)
        if not pattern:
            return _named(filesystem, inner, path)
        return _matching(filesystem, inner, pattern, path)
    except FileNotFoundError as error:
        raise BadInput(f"{path}: there is no such file or folder; check [source] path") from error
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise BadInput(
            f"{path}: not a path this pipeline can read ({error}); expected local or s3://"
        ) from error
    except OSError as error:
        raise Unreachable(
            f"{path}: cannot be listed ({error}); check the address and the permissions"
        ) from error


def _folder_and_pattern(path: str) -> tuple[str, str]:
    """The part before the first segment with a wildcard, and the rest; no rest without a wildcard."""
    match = re.search(r"[*?\[]", path)
    if match is None:
        return path, ""
    cut = path.rfind("/", 0, match.start())
    return path[:cut] if cut > 0 else ("/" if cut == 0 else "."), path[cut + 1 :]


def _filesystem(path: str) -> tuple[pafs.FileSystem, str]:
    """The file system of a path, and the path there."""
    if "://" in path:
        # credentials and endpoint come from the environment, so that no pipeline file has to hold a secret
        return pafs.FileSystem.from_uri(path)
    return pafs.LocalFileSystem(), path


def _named(filesystem: pafs.FileSystem, inner: str, path: str) -> tuple[SourceFile, ...]:
    """One file, or the data files of one folder."""
    info = filesystem.get_file_info(inner)
    if info.type == pafs.FileType.NotFound:
        raise FileNotFoundError(path)
    if info.type == pafs.FileType.Directory:
        return _matching(filesystem, inner, "*", path)
    if not inner.endswith(SUFFIXES):
        raise BadInput(f"{path}: files of this kind are not read; expected one of {', '.join(SUFFIXES)}")
    name = PurePosixPath(inner).name
    return (_file(filesystem, info, name),)


def _matching(filesystem: pafs.FileSystem, inner: str, pattern: str, path: str) -> tuple[SourceFile, ...]:
    """The data files below a folder whose place there matches."""
    infos = filesystem.get_file_info(pafs.FileSelector(inner, recursive="/" in pattern or "**" in pattern))
    root = len(inner.rstrip("/")) + 1
    found = sorted(
        (info.path[root:] if inner != "." else info.path.removeprefix("./"), info)
        for info in infos
        if info.type == pafs.FileType.File
    )
    files = tuple(
        _file(filesystem, info, name)
        for name, info in found
        if name.endswith(SUFFIXES) and _fits(name.split("/"), pattern.split("/"))
    )
    if not files:
        there = ", ".join(name for name, _ in found[:5]) or "nothing"
        raise BadInput(
            f"{path}: expected files that end in {', '.join(SUFFIXES)}, found {there}; check [source] path"
        )
    return files


def _file(filesystem: pafs.FileSystem, info: pafs.FileInfo, name: str) -> SourceFile:
    return SourceFile(
        filesystem=filesystem, path=info.path, name=name, size=info.size or 0, changed=info.mtime_ns or 0
    )


def _fits(name: list[str], pattern: list[str]) -> bool:
    """True where a place below a folder fits a pattern, part by part; `**` stands for any folders or none."""
    if not pattern:
        return not name
    if pattern[0] == "**":
        return any(_fits(name[skipped:], pattern[1:] or ["*"]) for skipped in range(len(name)))
    return bool(name) and fnmatchcase(name[0], pattern[0]) and _fits(name[1:], pattern[1:])
