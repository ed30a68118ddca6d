"""`doctor`: is this machine fit to run pipelines? Imports neither torch nor prefect."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import typer
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.cli.console import answer, errors_told
from lstm_pipeline.cli.run import JSON, STORE
from lstm_pipeline.errors import BrokenArtifact, PipelineError
from lstm_pipeline.version import VERSION

if TYPE_CHECKING:
    from lstm_pipeline.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckUp:
    """One thing that was looked at."""

    what: str
    ok: bool
    found: str
    advice: str = ""


def doctor(store: str | None = STORE, as_json: bool = JSON) -> None:
    """Check Python, the installed versions, store and registry."""
    with errors_told(as_json=as_json):
        findings = [python_of(platform.python_version()), *_packages(), _backend(), *_places(store)]
        if as_json:
            answer(canonical({"version": VERSION, "ok": all(f.ok for f in findings), "findings": findings}))
        else:
            for finding in findings:
                advice = f"  -> {finding.advice}" if finding.advice and not finding.ok else ""
                answer(f"{'ok ' if finding.ok else 'BAD'}  {finding.what}: {finding.found}{advice}")
        if not all(f.ok for f in findings):
            raise typer.Exit(8)


def python_of(found: str) -> CheckUp:
    """A version of Python against the range that this package is made for."""
    wanted = metadata("lstm-pipeline")["Requires-Python"]
    ok = SpecifierSet(wanted).contains(found, prereleases=True)
    return CheckUp(what="python", ok=ok, found=found, advice=f"install Python {wanted}")


def _packages() -> list[CheckUp]:
    """Each dependency against the range that this package was tested with."""
    # what only an extra asks for may be absent
    wanted = [Requirement(text) for text in requires("lstm-pipeline") or [] if "extra ==" not in text]
    return [_package(requirement) for requirement in wanted]


def _package(requirement: Requirement) -> CheckUp:
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return CheckUp(
            what=requirement.name, ok=False, found="not installed", advice=f"pip install '{requirement}'"
        )
    ok = requirement.specifier.contains(found, prereleases=True)
    return CheckUp(
        what=requirement.name,
        ok=ok,
        found=found,
        advice=f"this version is known not to work, or not tested: pip install '{requirement}'",
    )


def _backend() -> CheckUp:
    """What trains: torch, the only backend there is."""
    try:
        return CheckUp(what="training backend", ok=True, found=f"torch {version('torch')}")
    except PackageNotFoundError:
        return CheckUp(what="training backend", ok=False, found="none", advice="pip install torch")


def _places(store: str | None) -> list[CheckUp]:
    from lstm_pipeline.registry import open_registry
    from lstm_pipeline.settings.environment import places

    try:
        chosen = places(store)
    except PipelineError as error:
        return [CheckUp(what="store", ok=False, found=str(error))]
    findings = [_store(chosen.store)]
    # opening a registry creates it: who only looks must not leave a store behind
    if "://" not in chosen.store and not Path(chosen.store).exists():
        return findings
    try:
        return [*findings, *_registry(open_registry(chosen.registry))]
    except PipelineError as error:
        return [*findings, CheckUp(what="registry", ok=False, found=str(error))]


def _registry(registry: Registry) -> list[CheckUp]:
    """That it answers, and each promotion log in it that is not as it was written."""
    checked = [_chain(registry, name) for name in registry.pipelines()]
    answers = CheckUp(what="registry", ok=True, found=f"answers, {len(checked)} promotion logs read")
    return [answers, *(finding for finding in checked if not finding.ok)]


def _chain(registry: Registry, pipeline: str) -> CheckUp:
    """Whether the log of a pipeline's champions is whole."""
    try:
        registry.verify_chain(pipeline)
    except BrokenArtifact as error:
        return CheckUp(what=f"promotions of {pipeline}", ok=False, found=str(error))
    return CheckUp(what=f"promotions of {pipeline}", ok=True, found="whole")


def _store(uri: str) -> CheckUp:
    if "://" in uri:
        return _store_elsewhere(uri)
    folder = Path(uri)
    if not folder.exists():
        return CheckUp(what="store", ok=True, found=f"{uri} (made by the first run)")
    try:
        # permissions do not tell of a full or read-only disk; what begins with a dot is no key of the store
        with TemporaryFile(dir=folder, prefix=".doctor"):
            pass
    except OSError as error:
        return CheckUp(what="store", ok=False, found=f"{uri}: {error.strerror}", advice="make it writable")
    return CheckUp(what="store", ok=True, found=uri)


def _store_elsewhere(uri: str) -> CheckUp:
    """A store that is no local folder: whether it answers, and refuses the second of two writers."""
    from lstm_pipeline.storage.store import bucket_at

    try:
        ignored = bucket_at(uri).ignored()
    except PipelineError as error:
        return CheckUp(what="store", ok=False, found=str(error))
    if ignored:
        found = f"{uri}: this server takes no notice of {' and '.join(ignored)}"
        advice = (
            "two runs at once would overwrite each other there: take a server that does, or a local folder"
        )
        return CheckUp(what="store", ok=False, found=found, advice=advice)
    return CheckUp(what="store", ok=True, found=f"{uri} (refuses the second of two writers)")
