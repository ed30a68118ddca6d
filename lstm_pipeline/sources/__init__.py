"""Where series come from: generated or read from files, checked at the door."""
