"""Every chart of the evidence, one function a chart; each gives an Altair chart in the house look."""

from holdfast.evidence.pages.figures.cumulative import cumulative
from holdfast.evidence.pages.figures.lineages import lineages, shaky
from holdfast.evidence.pages.figures.monthly import monthly
from holdfast.evidence.pages.figures.overview import overview
from holdfast.evidence.pages.figures.readings import readings
from holdfast.evidence.pages.figures.strength import strength

__all__ = ["cumulative", "lineages", "monthly", "overview", "readings", "shaky", "strength"]
