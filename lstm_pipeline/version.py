"""The version of the package: part of a model's identity, so it rises when results change."""

VERSION = "0.3.0"
