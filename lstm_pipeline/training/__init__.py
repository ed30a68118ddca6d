"""The loop that fits a network. Importing this package does not import torch."""
