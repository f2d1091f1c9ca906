"""Armies that held and armies that broke: coded cases, how they are read, and how alike they are."""
