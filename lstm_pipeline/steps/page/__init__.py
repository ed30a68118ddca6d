"""What a run found, gathered from the store into the record that its page is drawn from."""
