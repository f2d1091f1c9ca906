"""Maps of who holds what in Ukraine, by several makers: area held, gained and lost by sector of the front. [IO]

Each map is a file whose name begins with its day. What a map shows is laid on the grid of `front_geometry`; gained and lost
are from the map before, so they are of the days on which the makers drew, not of those on which the ground changed hands.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from holdfast.core.faults import DataError, Fault
from holdfast.evidence.datasets import front_geometry, registry
from holdfast.evidence.datasets.front_geometry import Cells, Polygon
from holdfast.evidence.datasets.registry import variable
from holdfast.tabular.sheet import CURE, json_of

GEOLOCATED, DEEPSTATE = "front-geolocated", "front-deepstate"
LIVEUAMAP, ISW = "front-liveuamap", "front-isw"
HELD_TYPES, KNOWN_TYPES = ("nochange", "gains"), ("nochange", "gains", "losses")
"""What Liveuamap's features are; `losses` are no longer held, though they stay on the map for days."""
REDRAWN = (np.datetime64("2024-03-01"), np.datetime64("2024-04-01"))
"""Between these maps Liveuamap's lost what Russia held before 2022; it stays held here in every later map."""
STYLES = ("#ru", "#ua")
FRONT_SOUTH_OF = 50.05
"""Degrees of latitude at which the front of late 2023 met the state border; the border beyond is no line of contact here."""

Shapes = Callable[[Path], tuple[list[Polygon], list[Polygon]]]
"""What one side holds on a map, and the other, where the map says so."""


def read_geolocated(files: Mapping[str, Path]) -> xr.Dataset:
    """The maps of Creamy Caprice; both sides' ground, so the line of contact has a length.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    return _read(GEOLOCATED, files, _kml)


def read_deepstate(files: Mapping[str, Path]) -> xr.Dataset:
    """The maps of DeepState.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    return _read(DEEPSTATE, files, _geojson)


def read_isw(files: Mapping[str, Path]) -> xr.Dataset:
    """The maps of the Institute for the Study of War.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    return _read(ISW, files, _geojson)


def read_liveuamap(files: Mapping[str, Path]) -> xr.Dataset:
    """The maps of Liveuamap as Neue Zürcher Zeitung showed them; what they show as lost is not held.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    return _read(LIVEUAMAP, files, _liveuamap, redrawn=REDRAWN)


def _read(
    name: str, files: Mapping[str, Path], shapes: Shapes, redrawn: tuple[np.datetime64, np.datetime64] | None = None
) -> xr.Dataset:
    """Area held, gained and lost by day and sector; and the line of contact where both sides are drawn."""
    sector = front_geometry.sector_of_cells()
    nothing = np.full(len(front_geometry.SECTORS), np.nan)
    faults: list[Fault] = []
    days: list[np.datetime64] = []
    values: dict[str, list[np.ndarray]] = {key: [] for key in MEANING}
    before: Cells | None = None
    always: Cells | bool = False
    for day, path in _by_day(files, faults):
        try:
            ours, theirs = shapes(path)
            cells = _cells(ours) | always
            length = _contact(cells, _cells(theirs), sector) if theirs else nothing
        except DataError as error:
            faults.extend(dataclasses.replace(fault, place=f"{path.name}, {fault.place}") for fault in error.faults)
            continue
        if redrawn and before is not None and (days[-1], day) == redrawn:
            always = before & ~cells
            cells |= always
        then = cells if before is None else before
        change = {"gained": cells & ~then, "lost": then & ~cells}
        days.append(day)
        values["held"].append(front_geometry.area_by_sector(cells, sector))
        for key, changed in change.items():
            values[key].append(nothing if before is None else front_geometry.area_by_sector(changed, sector))
        values["contact"].append(length)
        before = cells
    if faults:
        raise DataError(faults, f"The data set {name}")
    return _labelled(name, days, values)


def _cells(polygons: list[Polygon]) -> Cells:
    """The cells of a side's ground."""
    if not polygons:
        raise _fault("no polygon of ground that Russia holds", "at least one")
    try:
        return front_geometry.covered(polygons)
    except (ValueError, TypeError) as error:
        raise _fault(f"a ring that is none ({error})", "rings of longitudes and latitudes") from error


def _contact(cells: Cells, theirs: Cells, sector: np.ndarray) -> np.ndarray:
    """The length of the line between both sides' ground, by sector, the state border left out."""
    touching = theirs & ~cells
    touching[front_geometry.LATITUDE > FRONT_SOUTH_OF] = False
    return front_geometry.contact_by_sector(cells, touching, sector)


MEANING = {
    "held": ("ground of the map's colour of Russia, in the sector", "km2"),
    "gained": ("the same, not held in the map before", "km2"),
    "lost": ("ground of the map before, no longer held", "km2"),
    "contact": (f"length of the line along which both sides' ground touches, south of {FRONT_SOUTH_OF} degrees", "km"),
}


def _labelled(name: str, days: list[np.datetime64], values: Mapping[str, list[np.ndarray]]) -> xr.Dataset:
    """The data set as xarray takes it; what a maker's maps cannot give is left out."""
    source = registry.DATASETS[name].citation
    shape = (len(days), len(front_geometry.SECTORS))
    variables = {}
    for key, (long_name, units) in MEANING.items():
        table = np.array(values[key], float).reshape(shape)
        if key != "contact" or np.isfinite(table).any():
            variables[key] = variable(("day", "sector"), table, long_name, units, source)
    coords = {"day": np.array(days, "M8[ns]"), "sector": list(front_geometry.SECTORS)}
    return xr.Dataset(variables, coords, registry.DATASETS[name].attributes())


def _by_day(files: Mapping[str, Path], faults: list[Fault]) -> Iterator[tuple[np.datetime64, Path]]:
    """The files in the order of the days that their names begin with."""
    for name in sorted(files):
        try:
            yield np.datetime64(dt.date.fromisoformat(name[:10])), files[name]
        except ValueError:
            faults.append(Fault(name, "no day at its beginning", "a name as 2023-11-01.geojson", "Rename the file"))


def _geojson(path: Path) -> tuple[list[Polygon], list[Polygon]]:
    """Every polygon of a collection of features."""
    read = json_of(path)
    return [polygon for feature in _features(read) for polygon in _polygons(feature["geometry"])], []


def _liveuamap(path: Path) -> tuple[list[Polygon], list[Polygon]]:
    """What is held without change or was gained."""
    read = json_of(path)
    held: list[Polygon] = []
    for feature in _features(read.get("value") if isinstance(read, dict) else None):
        kind = (feature.get("properties") or {}).get("type")
        if kind not in KNOWN_TYPES:
            raise _fault(f"a feature of the type {kind}", f"one of: {', '.join(KNOWN_TYPES)}")
        if kind in HELD_TYPES:
            held.extend(_polygons(feature["geometry"]))
    return held, []


def _features(collection: Any) -> list[dict[str, Any]]:
    """The features of a GeoJSON collection."""
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) and "geometry" in one for one in features):
        raise _fault("no features with a geometry", "a GeoJSON collection of features")
    return features


def _polygons(geometry: Any) -> Iterator[Polygon]:
    """The polygons of a geometry; lines, points and nothing have none."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    try:
        if kind == "Polygon":
            yield geometry["coordinates"]
        elif kind == "MultiPolygon":
            yield from geometry["coordinates"]
        elif kind == "GeometryCollection":
            for part in geometry["geometries"]:
                yield from _polygons(part)
    except (KeyError, TypeError) as error:
        raise _fault(f"a {kind} without coordinates", "rings of longitudes and latitudes") from error


def _kml(path: Path) -> tuple[list[Polygon], list[Polygon]]:
    """Polygons by the style of their placemark, for both sides."""
    try:
        text = path.read_bytes()
        if b"<!" in text.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
            raise _fault(
                "declarations of its own", "a map in KML without a document type"
            )  # entities could fill the memory
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, UnicodeDecodeError) as error:
        raise _fault(f"no XML ({error})", "a map in KML") from error
    sides: dict[str, list[Polygon]] = {style: [] for style in STYLES}
    for placemark in root.iter("Placemark"):
        style = placemark.findtext("styleUrl", "")
        for polygon in placemark.iter("Polygon"):
            rings = [_ring(ring.text or "") for ring in polygon.iter("coordinates")]
            if style in sides:
                sides[style].append(rings)
    return sides["#ru"], sides["#ua"]


def _ring(text: str) -> list[list[float]]:
    """The points of a ring: longitude, latitude and height with commas between."""
    try:
        return [[float(number) for number in point.split(",")[:2]] for point in re.split(r"\s+", text.strip()) if point]
    except ValueError as error:
        raise _fault(f"coordinates that are no numbers ({error})", "longitude,latitude,height") from error


def _fault(content: str, allowed: str) -> DataError:
    """A map that cannot be used; whoever reads it knows its file."""
    return DataError([Fault("the map", content, allowed, CURE)], "A map of the front")
