"""Armies that held and armies that broke: the coded armies, how they are read, and how alike they are."""

from holdfast.coded_armies.reader import shipped

__all__ = ["shipped"]
