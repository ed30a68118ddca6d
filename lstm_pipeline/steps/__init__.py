"""One function per step: load, call the middle, save, return a Ref; and the recipe that orders them."""
