"""What this machine has for a service: free ports, an address that answers, GPUs."""

from __future__ import annotations

import ipaddress
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Sequence

from lstm_pipeline.errors import Conflict


def require_free(host: str, ports: Sequence[int]) -> None:
    """Refuse ports that somebody else listens on.

    Raises:
        Conflict: one is taken.
    """
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise Conflict(
                    f"{host}:{port} is taken ({error.strerror}): stop what listens there, or choose "
                    "other ports with --port"
                ) from error


def is_alone(host: str) -> bool:
    """What listens there is reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def answers(url: str) -> bool:
    """Somebody answers there, without an error."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def gpus() -> int:
    """How many GPUs the driver knows; torch would take seconds to say so."""
    try:
        told = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return 0
    return sum(line.startswith("GPU ") for line in told.stdout.splitlines())
