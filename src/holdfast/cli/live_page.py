"""`holdfast app`: the live page, served to this machine's browser."""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from holdfast.cli.options import Seed
from holdfast.core.faults import Fault, FaultyError, listed

if TYPE_CHECKING:
    from holdfast.app.pages import Opening

DEFAULT = "russia-ukraine-2023"
FILE, DATA, READY = "result.npz", "result.zarr", ".ready-"
"""What a folder of a result has in it, see `holdfast.saved_results`, `holdfast.ensemble.store`, `holdfast.io.files`; named here
so that the page need not wait for what reads them."""
LAST_PORT, LAST_SEED = 65_535, 2**32 - 1

app = App(name="app", help_format="markdown")


@app.default
def live_page(
    what: str = DEFAULT, *, seed: Seed = 1, port: Annotated[int | None, Parameter(name="--port")] = None,
    host: str = "127.0.0.1", browser: bool = True,
) -> int:  # fmt: skip
    """Look at a war: every soldier of two armies a pixel, its pressures to pull, a twin beside it; and all other results.

    The page is served to this machine alone, and needs no network. It ends with Ctrl-C.

    Examples: `holdfast app` · `holdfast app finland-1940` · `holdfast app my-war.toml --port 9000` ·
    `holdfast app holdfast-russia-ukraine-2023` · `holdfast app --no-browser`

    Args:
        what: A shipped scenario, the path of its file, or the folder of a saved result.
        seed: Seed of the luck.
        port: Port; the first that is free from 8765 on unless given.
        host: Address at which it listens. Wider than 127.0.0.1, everybody who reaches this machine may try: the page then asks
            for the token that is printed with its address.
        browser: Whether to open the page in the browser.
    """
    import starlette  # noqa: F401  (here, so that what is missing is said before anything else)
    import uvicorn  # noqa: F401

    from holdfast.app import server

    opening, place = opening_of(what, seed), _place(host, port, seed)
    number, token = place.getsockname()[1], server.token_for(host)
    others = [] if token is None else server.names_of(host)
    shown = [*others, f"[{host}]" if ":" in host else host][0]
    names, address = (*others, *server.LOCAL), f"http://{shown}:{number}/" + (f"?token={token}" if token else "")
    _announce(address, token is not None)
    if browser:
        threading.Timer(0.5, lambda: _open(address)).start()
    server.serve(server.App(opening, number, names, token), place)
    return 0


def _place(host: str, port: int | None, seed: int) -> socket.socket:
    """The socket at which the page is to listen; a `FaultyError` with all that is wrong with the request."""
    from holdfast.app import server

    faults = []
    if port is not None and not 1 <= port <= LAST_PORT:
        faults.append(Fault("--port", str(port), f"1 to {LAST_PORT}", "Name another, or leave it out"))
    if not 0 <= seed <= LAST_SEED:
        faults.append(Fault("--seed", str(seed), f"a whole number from 0 to {LAST_SEED}", "Give another seed"))
    if not faults:
        try:
            return server.listening(host, port)
        except socket.gaierror:
            faults.append(
                Fault("--host", host, "an address of this machine", "Leave it out, or give 0.0.0.0 for all of them")
            )
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                cure = "Leave it out, or give 0.0.0.0 for all addresses of this machine"
                faults.append(Fault("--host", host, "an address of this machine", cure))
            else:
                why = (error.strerror or str(error)).lower()
                faults.append(Fault("--port", str(port), f"a free port ({why})", "Name another, or leave it out"))
    raise FaultyError(faults, "The request")


def opening_of(what: str, seed: int) -> Opening:
    """What the page is to show first.

    Args:
        what: a shipped scenario, the path of a scenario's file, or the folder of a saved result.
        seed: seed of the luck.

    Returns:
        What is shown first.

    Raises:
        ScenarioError: with every fault of a scenario.
        FaultyError: if it is a folder without a result.
    """
    from holdfast.app.pages import Opening
    from holdfast.scenario import catalogue, load

    path = Path(what)
    if what not in catalogue.names() and path.name == FILE and path.is_file():
        path = path.parent
    if what not in catalogue.names() and path.is_dir():
        there = sorted(each.name for each in path.iterdir())
        if FILE not in there and not any(name == DATA or name.startswith(READY) for name in there):
            cure = "Name a folder that --out or save() wrote, or the file of a scenario"
            allowed = f"the folder of a saved result, with {FILE} or {DATA} in it"
            raise FaultyError(
                [Fault("what", f"{what}: {listed(there) or 'an empty folder'}", allowed, cure)], "The request"
            )
        return Opening(DEFAULT, seed, str(path.resolve()))
    load.read(what)  # faults are said here, and not on the page alone
    return Opening(what if what in catalogue.names() else path.read_text(encoding="utf-8-sig"), seed)


def _announce(address: str, wide: bool) -> None:
    """Say where the page is."""
    print(f"The live page: {address}", flush=True)
    if wide:
        print(
            "Others can reach this machine's address: only who has this address, with its token, may use the page.",
            flush=True,
        )
    else:
        print("It is served to this machine alone, at 127.0.0.1, and needs no network. Ctrl-C ends it.", flush=True)


def _open(address: str) -> None:
    """Open the page in the browser, where there is one."""
    import webbrowser

    with contextlib.suppress(Exception):
        webbrowser.open(address)
