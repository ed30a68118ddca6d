"""The series table and its contract: sorted, unique, on the grid, finite, or one error that lists every fault."""
