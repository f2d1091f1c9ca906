"""Battles of the past as a jury of the laws of fire and front: a table, a board, a fit, scores on wars that were left out."""
