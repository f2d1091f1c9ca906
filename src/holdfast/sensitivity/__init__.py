"""Sensitivity: which inputs of a scenario move what becomes of its armies, and in which region of them an army breaks."""
