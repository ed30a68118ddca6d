"""The steps, each named by the schema that it leads to; its revision is the text in `meta`."""
