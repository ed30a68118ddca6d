"""How a registry comes from one schema to the next: a step per schema, frozen once it is released."""
