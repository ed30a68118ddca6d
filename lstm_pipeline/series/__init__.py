"""The series table and its contract: sorted, unique, on the grid, finite, every fault listed."""
