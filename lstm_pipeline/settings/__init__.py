"""The pipeline file and the environment."""
