"""The networks; each file holds one. Importing this package does not import torch."""
