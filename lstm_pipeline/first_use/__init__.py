"""From a file nobody has configured to a pipeline file."""
