"""The server of the live page: its pages, a WebSocket for each war, and work in the background. [IO]"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import secrets
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from holdfast.app import jobs, pages
from holdfast.app.answers import SUBJECTS, Answers
from holdfast.app.engines import MOST_WARS, Engines
from holdfast.app.guards import LOCAL, MOST_BODY, MOST_MESSAGE, Guard
from holdfast.app.job_process import KINDS
from holdfast.app.jobs import Jobs
from holdfast.present import html

FULL = f"There are {MOST_WARS} wars going on here, which is all that this machine is asked to hold. Close one, or wait."
WARMING = 0.3
"""Seconds after the start at which the first process is started: the first page comes before it [s]."""


MOST_UNSENT = 64
"""Messages that wait for a viewer's connection; a viewer who takes none of so many is let go."""


class Viewer:
    """One viewer's connection: what a war says waits here, so that a slow connection holds up no other."""

    def __init__(self, websocket: WebSocket) -> None:
        """Begin with nothing that waits.

        Args:
            websocket: the connection.
        """
        self.websocket = websocket
        self.unsent: asyncio.Queue[tuple[dict[str, object], bytes]] = asyncio.Queue(MOST_UNSENT)

    async def hear(self, head: dict[str, object], body: bytes) -> None:
        """Take what a war says.

        Args:
            head: the message.
            body: the bytes that belong to it.
        """
        try:
            self.unsent.put_nowait((head, body))
        except asyncio.QueueFull:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await self.websocket.close(1013)

    async def send(self) -> None:
        """Send what waits, until it is cancelled or the viewer is gone."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                head, body = await self.unsent.get()
                line = json.dumps(head, separators=(",", ":"))
                if head["kind"] in ("frame", "file"):
                    await self.websocket.send_bytes(line.encode() + b"\n" + body)
                else:
                    await self.websocket.send_text(line)


@dataclass
class App:
    """The live page of one server."""

    opening: pages.Opening
    """What it shows first."""
    port: int
    """Where it listens."""
    hosts: tuple[str, ...] = LOCAL
    """Names under which it is reached."""
    token: str | None = None
    """What a viewer must know; none = nobody needs one."""

    def __post_init__(self) -> None:
        """Begin with nothing that runs."""
        self.engines, self.jobs, self.answers = Engines(), Jobs(), Answers()

    # --- Pages.

    async def _page(self, request: Request) -> Response:
        """A page, by its path."""
        name = request.path_params.get("page") or pages.first(self.opening)
        if name not in pages.shown(self.opening):
            return HTMLResponse(pages.missing(self.opening), status_code=404)
        return HTMLResponse(pages.render(name, self.opening))

    async def _army(self, request: Request) -> Response:
        """The page of an army of history."""
        page = pages.army(request.path_params["army"], self.opening)
        return HTMLResponse(page or pages.missing(self.opening), status_code=200 if page else 404)

    async def _soldiers(self, _: Request) -> Response:
        """The script that lays out the billets, which the report's film has too."""
        return FileResponse(html.FOLDER / "soldiers.js", media_type="text/javascript")

    async def _result(self, request: Request) -> Response:
        """A file of a finished job's result."""
        name, file = request.path_params["job"], request.path_params["file"]
        if not jobs.NAME.fullmatch(name) or not pages.FILE.fullmatch(file):
            return Response(status_code=404)
        path = jobs.folder() / name / file
        if not path.is_file():
            return Response(status_code=404)
        kind = "attachment" if "download" in request.query_params else "inline"
        return FileResponse(path, filename=file, content_disposition_type=kind)

    # --- Work in the background.

    async def _ask(self, request: Request) -> Response:
        """Have something carried out."""
        kind = request.path_params["kind"]
        if kind not in KINDS:
            return JSONResponse({"message": f"There is no work of this kind: {kind[:40]}"}, status_code=404)
        wanted = await _wanted(request)
        if isinstance(wanted, Response):
            return wanted
        if kind == "result":  # the folder of the command line, whatever a browser says
            if self.opening.result is None:
                return JSONResponse({"message": "No result was named: holdfast app FOLDER opens one."}, status_code=404)
            wanted = {"folder": self.opening.result, "changed": pages.changed(self.opening.result)}
        if wanted.get("as_of") == "today":  # what is asked tomorrow is another question
            wanted = {**wanted, "as_of": dt.date.today().isoformat()}
        name = self.jobs.ask(kind, wanted)
        if name is None:
            words = "Too much work is waiting already. Wait until some of it is done."
            return JSONResponse({"message": words}, status_code=503)
        return JSONResponse({"job": name})

    async def _answer(self, request: Request) -> Response:
        """Answer a question at once."""
        question = request.path_params["question"]
        if question not in SUBJECTS:
            return JSONResponse({"message": f"Nothing answers this: {question[:40]}"}, status_code=404)
        wanted = await _wanted(request)
        if isinstance(wanted, Response):
            return wanted
        return JSONResponse(await self.answers.answer(question, wanted, request.is_disconnected))

    async def _events(self, request: Request) -> Response:
        """What a job says, as it says it (server-sent events)."""
        name = request.path_params["job"]

        async def lines() -> AsyncIterator[str]:
            yield "retry: 2000\n\n"
            async for message in self.jobs.listen(name):
                yield f"data: {json.dumps(message, separators=(',', ':'))}\n\n"

        return StreamingResponse(lines(), media_type="text/event-stream", headers={"cache-control": "no-store"})

    # --- Wars.

    async def _war(self, websocket: WebSocket) -> None:
        """A viewer's war, from its opening to the day on which the tab is closed."""
        await websocket.accept()
        viewer = Viewer(websocket)
        place = await self.engines.enter(viewer.hear)
        if place is None:
            await websocket.send_json({"kind": "fault", "message": FULL, "faults": []})
            await websocket.close(1013)
            return
        sending = asyncio.create_task(viewer.send())
        try:
            while True:
                text = await websocket.receive_text()
                if not await self.engines.say(place, text):  # its process is gone
                    self.engines.leave(place)
                    place = await self.engines.enter(viewer.hear) or place
                    await self.engines.say(place, text)
        except (WebSocketDisconnect, KeyError, RuntimeError):  # KeyError: bytes in place of text
            pass
        finally:
            self.engines.leave(place)
            sending.cancel()
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await websocket.close()

    # --- The application.

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Start the first process once the first page may have been served; end everything at the end."""

        async def warm() -> None:
            await asyncio.sleep(WARMING)
            if not self.engines.engines:
                await self.engines.start()

        warming = asyncio.create_task(warm())
        try:
            yield
        finally:
            warming.cancel()
            await self.jobs.close()
            await self.answers.close()
            await self.engines.close()

    def asgi(self) -> Guard:
        """The application, guarded.

        Returns:
            What an ASGI server runs.
        """
        routes = [
            Route("/", self._page), WebSocketRoute("/war", self._war), Route("/static/soldiers.js", self._soldiers),
            Mount("/static", StaticFiles(directory=html.FOLDER / "app" / "static")),
            Route("/jobs/{kind}", self._ask, methods=["POST"]), Route("/jobs/{job}/events", self._events),
            Route("/answers/{question}", self._answer, methods=["POST"]),
            Route("/results/{job}/{file}", self._result), Route("/history/{army}", self._army), Route("/{page}", self._page),
        ]  # fmt: skip
        return Guard(
            Starlette(routes=routes, lifespan=self._lifespan), hosts=self.hosts, port=self.port, token=self.token
        )


async def _wanted(request: Request) -> dict[str, object] | Response:
    """What a request's body asks for; else the refusal."""
    try:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BODY:
                return JSONResponse({"message": f"A request holds at most {MOST_BODY:,} bytes."}, status_code=413)
        wanted = json.loads(body)
    except (ValueError, RecursionError):
        return JSONResponse({"message": "The request is no JSON."}, status_code=400)
    return wanted if isinstance(wanted, dict) else JSONResponse({"message": "The request is no JSON object."}, 400)


def listening(host: str, port: int | None) -> socket.socket:
    """A socket that listens.

    Args:
        host: the address.
        port: the port; the first that is free from 8765 on unless given.

    Returns:
        The socket.

    Raises:
        OSError: if the address or the port cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last: OSError | None = None
    for number in [port] if port is not None else [*range(8765, 8775), 0]:
        place = socket.socket(family, socket.SOCK_STREAM)
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            place.bind((host, number))
            place.listen()  # from now on nobody else gets the port, and who comes early waits
        except OSError as error:
            place.close()
            last = error
        else:
            return place
    assert last is not None
    raise last


ANYWHERE = ("0.0.0.0", "::")
"""Addresses that stand for all of a machine's own."""


def names_of(host: str) -> list[str]:
    """The names under which others reach the page.

    Args:
        host: the address at which it listens.

    Returns:
        That address; of all addresses, those of this machine and its name, the one by which others reach it first.
    """
    if host not in ANYWHERE:
        return [f"[{host}]" if ":" in host else host]
    own, names = socket.gethostname(), list[str]()
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: it asks by which address others are reached
        names.append(probe.getsockname()[0])
    names += [own.lower(), socket.getfqdn().lower()]
    with contextlib.suppress(OSError):
        names += [str(entry[4][0]) for entry in socket.getaddrinfo(own, None)]
    return list(dict.fromkeys(f"[{name}]" if ":" in name else name for name in names))


def token_for(host: str) -> str | None:
    """The token that viewers need.

    Args:
        host: the address at which the page listens.

    Returns:
        A new one where others than this machine can reach it; none otherwise.
    """
    return None if host in ("127.0.0.1", "localhost", "::1") else secrets.token_urlsafe(24)


def serve(app: App, place: socket.socket) -> None:
    """Serve until the process is told to stop.

    Args:
        app: the live page.
        place: a socket from `listening`.
    """
    import uvicorn

    config = uvicorn.Config(
        app.asgi(), ws="websockets-sansio", ws_max_size=MOST_MESSAGE, ws_per_message_deflate=False, http="h11",
        log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2, loop="asyncio",
        proxy_headers=False, lifespan="on", h11_max_incomplete_event_size=65_536,
    )  # fmt: skip
    server = uvicorn.Server(config)
    for number in (signal.SIGINT, signal.SIGTERM):  # the server hears of them, and raises them again when it has ended
        signal.signal(number, lambda *_: None)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, server.handle_exit)
    server.run(sockets=[place])
