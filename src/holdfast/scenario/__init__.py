"""The scenario file: its schema, the checks at its door, and changes to it."""
