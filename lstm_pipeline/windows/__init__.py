"""Window sizes, the split by time, and the index of windows."""
