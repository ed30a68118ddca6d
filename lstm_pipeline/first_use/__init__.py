"""First use: look at data that nobody has configured, guess what they hold, write a pipeline file."""

from lstm_pipeline.first_use.write import guess_of, stem_of, write_pipeline

__all__ = ["guess_of", "stem_of", "write_pipeline"]
