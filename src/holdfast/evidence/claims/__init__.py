"""The door for claims: what a table of them may say, and how one is read and checked."""
