"""Maps of the front: areas on a grid, the line of contact, what each maker's file means, and the shipped table."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from holdfast import load_scenario
from holdfast.core.faults import DataError
from holdfast.evidence.datasets import front_geometry, front_maps
from holdfast.evidence.datasets.front_geometry import ELSEWHERE, LATITUDE, LONGITUDE, SECTORS

Ring = list[list[float]]
EAST_EDGE = 40.0
RADIUS = 6371.0
"""Of a sphere, km; the ellipsoid's areas at these latitudes are within 0.5 % of its."""


def box(west: float, south: float, east: float, north: float) -> Ring:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def on_sphere(west: float, south: float, east: float, north: float) -> float:
    """The area of a box on a sphere, km2."""
    return RADIUS**2 * np.radians(east - west) * (np.sin(np.radians(north)) - np.sin(np.radians(south)))


@pytest.fixture(scope="module")
def sector() -> np.ndarray:
    return front_geometry.sector_of_cells()


def area(polygons: list[list[Ring]], sector: np.ndarray) -> float:
    return float(front_geometry.area_by_sector(front_geometry.covered(polygons), sector).sum())


def test_the_area_of_a_box_is_that_of_the_earth(sector: np.ndarray) -> None:
    limits = (35.0, 47.0, 37.0, 49.0)
    assert area([[box(*limits)]], sector) == pytest.approx(on_sphere(*limits), rel=0.005)


def test_what_overlaps_counts_once_and_holes_do_not(sector: np.ndarray) -> None:
    outer, inner = box(35, 47, 37, 49), box(35.5, 47.5, 36, 48)
    whole, hole = area([[outer]], sector), area([[inner]], sector)
    assert area([[outer], [inner]], sector) == pytest.approx(whole)
    assert area([[outer, inner]], sector) == pytest.approx(whole - hole)
    backwards = [outer, inner[::-1]]
    assert area([backwards], sector) == pytest.approx(whole - hole), "the direction of a ring means nothing"


def test_a_ring_that_crosses_itself_or_is_open_does_no_harm(sector: np.ndarray) -> None:
    bow = [[35.0, 47.0], [37.0, 49.0], [37.0, 47.0], [35.0, 49.0]]
    assert area([[bow]], sector) == pytest.approx(on_sphere(35, 47, 37, 49) / 2, rel=0.01)


def test_what_lies_outside_the_grid_is_cut(sector: np.ndarray) -> None:
    assert area([[box(20, 40, 60, 60)]], sector) == pytest.approx(
        on_sphere(front_geometry.WEST, front_geometry.SOUTH, front_geometry.EAST, front_geometry.NORTH), rel=0.005
    )
    assert area([[box(20, 40, 25, 45)]], sector) == 0.0
    assert area([[[[35.0, 47.0], [36.0, 47.0]]]], sector) == 0.0, "two points hold nothing"


@pytest.mark.parametrize("angle", [0, 20, 45, 70, 90, 135])
def test_a_straight_line_of_contact_has_its_length(angle: float, sector: np.ndarray) -> None:
    half, across = 100.0, np.cos(np.radians(48.0))
    km = np.pi / 180 * RADIUS
    east = (LONGITUDE[None, :] - 35.0) * km * across
    north = (LATITUDE[:, None] - 48.0) * km
    along = east * np.cos(np.radians(angle)) + north * np.sin(np.radians(angle))
    beside = -east * np.sin(np.radians(angle)) + north * np.cos(np.radians(angle))
    near = np.abs(along) < half
    length = front_geometry.contact_by_sector((beside > 0) & near, (beside <= 0) & near, sector).sum()
    assert length == pytest.approx(2 * half, rel=0.07)


def test_sectors_are_the_scenarios_and_every_place_is_in_its_own(sector: np.ndarray) -> None:
    sectors = load_scenario("russia-ukraine-2023").document.front.sectors
    assert not isinstance(sectors, int)
    assert [one.name for one in sectors] == [name for name in SECTORS if name != ELSEWHERE]
    for number, (name, places) in enumerate(front_geometry.PLACES.items()):
        for place, (east, north) in places.items():
            column, row = np.abs(LONGITUDE - east).argmin(), np.abs(LATITUDE - north).argmin()
            assert sector[row, column] == number, f"{place} is not in {name}"


# --- readers ------------------------------------------------------------------------------------------------------


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Any], tuple[str, Path]]:
    def written(name: str, content: Any) -> tuple[str, Path]:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf8")
        return name, path

    return written


def feature(ring: Ring, **properties: str) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def at_avdiivka(west: float) -> Ring:
    """Ground from a meridian to Avdiivka, within its sector; its limits are those of cells."""
    return box(west, 48.14, 37.745, 48.24)


def test_gained_and_lost_are_from_the_map_before_and_by_sector(write: Any) -> None:
    files = dict(
        [
            write("2024-08-01.geojson", collection(feature(at_avdiivka(37.595)))),
            write("2024-09-01.geojson", collection(feature(at_avdiivka(37.49)))),
            write("2024-10-01.geojson", collection(feature(at_avdiivka(37.64)))),
        ]
    )
    data = front_maps.read_deepstate(files)
    at = data.sel(sector="Avdiivka-Pokrovsk")
    gain, loss = on_sphere(37.49, 48.14, 37.595, 48.24), on_sphere(37.49, 48.14, 37.64, 48.24)
    np.testing.assert_allclose(at["gained"], [np.nan, gain, 0.0], rtol=0.005)
    np.testing.assert_allclose(at["lost"], [np.nan, 0.0, loss], rtol=0.005)
    assert float(data["gained"].sel(sector="Toretsk").sum()) == 0.0
    np.testing.assert_allclose(data["held"].diff("day"), (data["gained"] - data["lost"])[1:], atol=1e-6)
    assert "contact" not in data, "a map of one side's ground has no line of contact"
    for variable in data.data_vars.values():
        assert {"long_name", "units", "source"} <= set(variable.attrs)


def test_what_liveuamap_shows_as_lost_is_not_held(write: Any) -> None:
    features = [feature(at_avdiivka(37.595), type="nochange"), feature(box(37.49, 48.14, 37.595, 48.24), type="losses")]
    files = dict([write("2024-02-01.json", {"value": collection(*features)})])
    held = float(front_maps.read_liveuamap(files)["held"].sum())
    assert held == pytest.approx(on_sphere(37.595, 48.14, 37.745, 48.24), rel=0.005)


def test_what_liveuamap_stopped_drawing_stays_held(write: Any) -> None:
    old, new = at_avdiivka(37.595), box(37.49, 48.14, 37.595, 48.24)
    both, one = [feature(old, type="nochange"), feature(new, type="gains")], [feature(new, type="nochange")]
    maps = {"2024-02-01": both, "2024-03-01": both, "2024-04-01": one, "2024-05-01": one}
    files = dict(write(f"{day}.json", {"value": collection(*features)}) for day, features in maps.items())
    data = front_maps.read_liveuamap(files)
    assert float(data["lost"].sum()) == 0.0
    assert data["held"].sum("sector").to_numpy() == pytest.approx(data["held"][0].sum().item())
    later = {name: path for name, path in files.items() if name > "2024-03-15"}
    assert float(front_maps.read_liveuamap(later)["held"][0].sum()) < data["held"][0].sum().item()


KML = """<?xml version='1.0' encoding='UTF-8' ?>
<kml><Document><Folder>
<Placemark><styleUrl>#ru</styleUrl><Polygon><outerBoundaryIs><LinearRing><coordinates>{ours}</coordinates>
</LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><styleUrl>#ua</styleUrl><Polygon><outerBoundaryIs><LinearRing><coordinates>{theirs}</coordinates>
</LinearRing></outerBoundaryIs></Polygon></Placemark>
</Folder></Document></kml>"""


def points(ring: Ring) -> str:
    return "\n".join(f"{east},{north},0.0 " for east, north in ring)


def test_both_sides_ground_gives_the_line_of_contact_without_the_state_border(write: Any) -> None:
    south = KML.format(ours=points(box(38, 48, EAST_EDGE, 49)), theirs=points(box(36, 48, 38, 49)))
    north = KML.format(ours=points(box(38, 50.1, EAST_EDGE, 51)), theirs=points(box(36, 50.1, 38, 51)))
    data = front_maps.read_geolocated(dict([write("2023-11-01.kml", south), write("2023-12-01.kml", north)]))
    length = data["contact"].sum("sector").to_numpy()
    assert length[0] == pytest.approx(np.pi / 180 * RADIUS, rel=0.07)
    assert length[1] == 0.0


def test_every_fault_of_every_map_is_named(write: Any) -> None:
    good = collection(feature(at_avdiivka(37.595)))
    files = dict(
        [
            write("2024-08-01.geojson", good),
            write("2024-09-01.geojson", "{"),
            write("2024-10-01.geojson", {"type": "FeatureCollection"}),
            write("2024-11-01.geojson", collection({"geometry": None, "properties": {}})),
            write("2024-12-01.geojson", collection({"geometry": {"type": "Polygon"}, "properties": {}})),
            write("2025-01-01.geojson", collection(feature([["east", "north"]] * 4))),  # type: ignore[list-item]
            write("newest.geojson", good),
        ]
    )
    with pytest.raises(DataError) as error:
        front_maps.read_isw(files)
    for name in sorted(files)[1:]:
        assert sum(name in str(fault) for fault in error.value.faults) == 1, name
    assert len(error.value.faults) == len(files) - 1


@pytest.mark.parametrize("text", ["<kml>", KML.format(ours="38;48", theirs="36,48")])
def test_a_damaged_kml_is_refused(write: Any, text: str) -> None:
    with pytest.raises(DataError, match=r"2023-11-01\.kml"):
        front_maps.read_geolocated(dict([write("2023-11-01.kml", text)]))


def test_a_type_of_ground_that_is_unknown_is_refused(write: Any) -> None:
    files = dict([write("2024-02-01.json", {"value": collection(feature(at_avdiivka(37.595), type="contested"))})])
    with pytest.raises(DataError, match="nochange, gains, losses"):
        front_maps.read_liveuamap(files)


# --- the shipped table ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table() -> list[dict[str, str]]:
    text = (resources.files("holdfast.scenario") / "shipped" / "ground_russia_ukraine.csv").read_text(encoding="utf8")
    return list(csv.DictReader(text.splitlines()))


def test_the_shipped_table_is_whole(table: list[dict[str, str]]) -> None:
    front = [name for name in SECTORS if name != ELSEWHERE]
    assert set(table[0]) == {"source", "from", "until", *SECTORS, "front"}
    for before, row in zip(table, table[1:], strict=False):
        if before["source"] == row["source"]:
            assert before["until"] == row["from"], "each map is held against the one before"
    for row in table:
        assert dt.date.fromisoformat(row["from"]) < dt.date.fromisoformat(row["until"])
        if row["source"] != "economist":
            assert abs(sum(int(row[name]) for name in front) - int(row["front"])) <= len(front), "rounding alone"


def test_the_sources_agree_on_the_scenarios_year(table: list[dict[str, str]]) -> None:
    def gained(source: str, sector: str) -> int:
        rows = [row for row in table if row["source"] == source and "2023-11" <= row["from"] <= "2024-11-01"]
        return sum(int(row[sector]) for row in rows)

    for source in ("geolocated", "isw", "liveuamap", "economist"):
        assert 2_500 < gained(source, "front") < 4_500
    for source in ("geolocated", "isw", "liveuamap"):
        assert gained(source, "Avdiivka-Pokrovsk") > 600
        assert gained(source, "Marinka-Vuhledar") > 900
        assert abs(gained(source, "Dnipro-Kherson")) < 30
