"""Dates of charts that would be told in the time zone of whoever draws them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def local(spec: Any, where: str = "") -> list[str]:
    """Paths of the channels of a Vega-Lite specification whose dates are not in UTC."""
    return list(_local(spec, where))


def _local(spec: Any, where: str) -> Iterator[str]:
    if isinstance(spec, list | tuple):
        for number, part in enumerate(spec):
            yield from _local(part, f"{where}/{number}")
    if not isinstance(spec, dict):
        return
    mark, channels = spec.get("mark"), spec.get("encoding", {})
    silent = isinstance(mark, dict) and mark.get("aria") is False
    for name, channel in channels.items() if isinstance(channels, dict) else ():
        for one in channel if isinstance(channel, list) else [channel]:
            first = channels.get(name.removesuffix("2"), {}) if name.endswith("2") else {}
            dated = "temporal" in (one.get("type"), first.get("type")) or "timeUnit" in one
            utc = one.get("scale", {}).get("type") == "utc" if one.get("scale") else False
            utc = utc or str(one.get("timeUnit")).startswith("utc") or (bool(first) and silent)
            if dated and not utc:
                yield f"{where}/{name}"
    for name, part in spec.items():
        if name not in ("data", "datasets"):
            yield from _local(part, f"{where}/{name}")
