"""Retrains LSTM forecasters on a schedule and promotes a new model only when it is honestly better."""

from __future__ import annotations

__version__ = "0.1.0"
