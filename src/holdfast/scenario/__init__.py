"""Scenarios: the file's schema, how it is read, checked and changed, and the world that the engine runs from it."""
