"""The report: forecast, scores and gate activations as one self-contained page."""
