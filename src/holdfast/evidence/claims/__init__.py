"""Claims about losses: what a table of them may hold, and how a table or a sentence is read and checked."""
