"""Polygons of who holds what, laid on one grid of cells: areas by sector of the front, and the length of a line of contact.

Cells are 0.0075 degrees of longitude by 0.005 of latitude, about 0.55 km each way; a cell belongs to whoever holds its
middle. On a grid, polygons that overlap or cross themselves do no harm, and a border that is the same in two maps adds
exactly nothing to what was gained between them. Areas are those of the ellipsoid WGS 84.

A sector of the front is whatever lies nearest to one of its places (`PLACES`), degrees of longitude shortened to the
latitude 48.5; `elsewhere` takes the north of Ukraine and the Russian border beyond it. Grid and sectors are of the war in
Ukraine; nothing else here is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

WEST, EAST, SOUTH, NORTH = 29.0, 40.5, 46.0, 52.5
"""The grid's limits, degrees. Crimea and the west of Ukraine lie outside."""
WIDE, HIGH = 0.0075, 0.005
"""A cell, degrees of longitude and of latitude."""
COLUMNS, ROWS = round((EAST - WEST) / WIDE), round((NORTH - SOUTH) / HIGH)
LONGITUDE = WEST + WIDE * (np.arange(COLUMNS) + 0.5)
LATITUDE = SOUTH + HIGH * (np.arange(ROWS) + 0.5)
MIDDLE = 48.5
"""Latitude whose degrees of longitude distances to places are measured by."""

ELSEWHERE = "elsewhere"
PLACES: dict[str, dict[str, tuple[float, float]]] = {
    "Kharkiv-Kupiansk": {
        "Kharkiv": (36.23, 49.99), "Lyptsi": (36.43, 50.20), "Zmiiv": (36.36, 49.69), "Vovchansk": (36.94, 50.29),
        "Velykyi Burluk": (37.39, 50.05), "Dvorichna": (37.69, 49.85), "Kupiansk": (37.62, 49.71),
    },
    "Svatove-Lyman": {
        "Borova": (37.62, 49.37), "Svatove": (38.15, 49.41), "Izium": (37.28, 49.21), "Lyman": (37.81, 48.99),
        "Kreminna": (38.22, 49.05),
    },
    "Siversk-Bakhmut": {
        "Siversk": (38.10, 48.87), "Lysychansk": (38.43, 48.90), "Soledar": (38.09, 48.68), "Bakhmut": (38.00, 48.595),
        "Chasiv Yar": (37.84, 48.59), "Kramatorsk": (37.56, 48.74), "Sloviansk": (37.60, 48.85),
    },
    "Toretsk": {"Toretsk": (37.85, 48.40), "Kostiantynivka": (37.71, 48.53), "Horlivka": (38.05, 48.33)},
    "Avdiivka-Pokrovsk": {
        "Avdiivka": (37.75, 48.14), "Ocheretyne": (37.61, 48.245), "Selydove": (37.30, 48.145),
        "Pokrovsk": (37.18, 48.28), "Dobropillia": (37.08, 48.46), "Mezhova": (36.73, 48.26),
    },
    "Marinka-Vuhledar": {
        "Marinka": (37.50, 47.94), "Kurakhove": (37.28, 47.98), "Vuhledar": (37.25, 47.78), "Volnovakha": (37.49, 47.60),
        "Velyka Novosilka": (36.84, 47.84), "Pokrovske": (36.25, 47.98),
    },
    "Orikhiv": {
        "Orikhiv": (35.78, 47.57), "Huliaipole": (36.26, 47.66), "Polohy": (36.25, 47.48), "Tokmak": (35.71, 47.25),
        "Kamianske": (35.37, 47.56), "Zaporizhzhia": (35.12, 47.84),
    },
    "Dnipro-Kherson": {
        "Ochakiv": (31.55, 46.61), "Kherson": (32.62, 46.64), "Krynky": (33.08, 46.74), "Nova Kakhovka": (33.35, 46.75),
        "Dudchany": (33.78, 47.18), "Nikopol": (34.39, 47.57), "Enerhodar": (34.65, 47.50),
    },
    ELSEWHERE: {
        "Kyiv": (30.52, 50.45), "Chernihiv": (31.29, 51.49), "Sumy": (34.80, 50.91), "Sudzha": (35.27, 51.19),
        "Trostianets": (34.97, 50.48), "Velyka Pysarivka": (35.48, 50.43),
    },
}  # fmt: skip
"""Places of each sector of the shipped scenario: longitude and latitude, degrees, rounded, from general knowledge."""
SECTORS = tuple(PLACES)

_AXIS, _FLATTENING = 6378.137, 1 / 298.257223563
"""The ellipsoid WGS 84: half of its longer axis, km, and how much it is flattened."""

Cells = npt.NDArray[np.bool_]
Polygon = Sequence[Sequence[Sequence[float]]]
"""Rings of points; a point is a longitude and a latitude, and what else it has is not read."""


def cell_sides() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The sides of the cells, km.

    Returns:
        From west to east and from south to north, each `[row]`.
    """
    square = _FLATTENING * (2 - _FLATTENING)
    latitude = np.radians(LATITUDE)
    bent = 1 - square * np.sin(latitude) ** 2
    east = _AXIS * np.cos(latitude) / np.sqrt(bent) * np.radians(WIDE)
    north = _AXIS * (1 - square) / bent**1.5 * np.radians(HIGH)
    return east, north


def covered(polygons: Iterable[Polygon]) -> Cells:
    """The cells whose middle lies in any of the polygons; rings within a ring are holes.

    Args:
        polygons: each its rings, the outer one first.

    Returns:
        `[row column]`, from the south and from the west.

    Raises:
        ValueError: if a point is not two finite numbers or more.
    """
    cells = np.zeros((ROWS, COLUMNS), bool)
    for rings in polygons:
        rows, longitudes = _crossings(rings)
        if not len(rows):
            continue
        columns = np.clip(np.ceil((longitudes - WEST) / WIDE - 0.5).astype(int), 0, COLUMNS)
        low, high, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max()
        crossed = np.zeros((high - low, right - left + 1), np.int32)
        np.add.at(crossed, (rows - low, columns - left), 1)
        odd = np.cumsum(crossed, axis=1)[:, :-1] % 2 == 1
        cells[low:high, left:right] |= odd
    return cells


def _crossings(rings: Polygon) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.float64]]:
    """Where the rings cross the middle lines of the rows: rows, and longitudes."""
    all_rows, longitudes = [np.zeros(0, int)], [np.zeros(0)]
    for ring in rings:
        points = np.array([point[:2] for point in ring], float)
        if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
            raise ValueError("a point is not two finite numbers")
        if len(points) < 3:
            continue
        (x0, y0), (x1, y1) = points.T, np.roll(points, -1, axis=0).T
        first, last = (
            np.clip(np.ceil((side - SOUTH) / HIGH - 0.5).astype(int), 0, ROWS)
            for side in (np.minimum(y0, y1), np.maximum(y0, y1))
        )
        many = last - first
        side = np.repeat(np.arange(len(points)), many)
        rows = first[side] + np.arange(len(side)) - np.repeat(np.cumsum(many) - many, many)
        share = (LATITUDE[rows] - y0[side]) / (y1[side] - y0[side])
        all_rows.append(rows)
        longitudes.append(x0[side] + share * (x1[side] - x0[side]))
    return np.concatenate(all_rows), np.concatenate(longitudes)


def sector_of_cells() -> npt.NDArray[np.int8]:
    """The sector that each cell belongs to.

    Returns:
        Its number in `SECTORS`, `[row column]`.
    """
    nearest = np.full((ROWS, COLUMNS), np.inf)
    sector = np.zeros((ROWS, COLUMNS), np.int8)
    for number, places in enumerate(PLACES.values()):
        for east, north in places.values():
            across = ((LONGITUDE - east) * np.cos(np.radians(MIDDLE))) ** 2
            away = across[None, :] + ((LATITUDE - north) ** 2)[:, None]
            closer = away < nearest
            nearest[closer], sector[closer] = away[closer], number
    return sector


def area_by_sector(cells: Cells, sector: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    """The area of cells, km2.

    Args:
        cells: which count, `[row column]`.
        sector: what `sector_of_cells` gives.

    Returns:
        `[sector]`, in the order of `SECTORS`.
    """
    rows, columns = np.nonzero(cells)
    east, north = cell_sides()
    area: npt.NDArray[np.float64] = np.bincount(sector[rows, columns], (east * north)[rows], len(SECTORS)).astype(float)
    return area


def contact_by_sector(ours: Cells, theirs: Cells, sector: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    """The length of the line along which cells of both touch, km.

    Counts how often lines in four directions (along rows, columns and both diagonals) cross it, after Cauchy and Crofton:
    within 6 % for a straight line of any direction, closer for a winding one. Bends smaller than a cell are not seen, and
    a finer grid would find a longer line.

    Args:
        ours: cells of one side, `[row column]`.
        theirs: cells of the other.
        sector: what `sector_of_cells` gives.

    Returns:
        `[sector]`, in the order of `SECTORS`.
    """
    east, north = cell_sides()
    length = np.zeros(len(SECTORS))
    for up, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here = (slice(0, ROWS - up), slice(max(0, -right), COLUMNS - max(0, right)))
        there = (slice(up, ROWS), slice(max(0, right), COLUMNS + min(0, right)))
        touch = (ours[here] & theirs[there]) | (theirs[here] & ours[there])
        rows, columns = np.nonzero(touch)
        apart = east * north / np.hypot(right * east, up * north)
        length += np.bincount(sector[here][rows, columns], apart[rows], len(SECTORS))
    return length * np.pi / 8
