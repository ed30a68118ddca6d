"""What keeps a service up on one machine: its folder, its processes, the pages that it shows."""
