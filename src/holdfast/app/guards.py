"""Who may speak to the page: this machine's own browser, from this page; from elsewhere only with the token. [IO]

A site that the user visits must not reach the page through the user's browser. So the `Host` must be one of the page's own
names (no name that somebody has pointed here), and what changes anything, and every WebSocket, must come from the page's own
origin. Where the page is opened wider than this machine, each viewer needs the token besides.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, MutableMapping
from urllib.parse import parse_qs, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL = ("127.0.0.1", "localhost", "[::1]")
"""Names of this machine for itself."""
COOKIE = "holdfast_token"
TOKEN = "token"
MOST_BODY = 2**20
"""Size of a request's body, at most [bytes]."""
MOST_MESSAGE = 2**18
"""Size of a message over a WebSocket, at most [bytes]."""

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; connect-src 'self'; frame-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""What a page of ours may load: nothing from elsewhere, no script that stands in the page."""
POLICY_OF_RESULTS = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
    "sandbox allow-scripts allow-downloads allow-popups; frame-ancestors 'self'"
)
"""The same of a result's page, which has its scripts in it: it is nobody's origin, and reaches nothing."""
RESULTS = "/results/"


class Guard:
    """Wraps the application, and lets through what may pass."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], port: int, token: str | None) -> None:
        """Guard an application.

        Args:
            app: the application (ASGI).
            hosts: names under which the page is reached, without port.
            port: its port.
            token: what a viewer must know; none = nobody needs one.
        """
        self.app, self.token = app, token
        self.hosts = frozenset(f"{name}:{port}" for name in hosts) | (frozenset(hosts) if port == 80 else frozenset())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self.refusal(scope, headers)
        if refused is None:
            await self.app(scope, receive, self._sealed(scope, send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": refused[1][:120]})
        else:
            await _answer(send, *refused)

    def refusal(self, scope: Scope, headers: MutableMapping[str, str]) -> tuple[int, str] | None:
        """Why a request may not pass.

        Args:
            scope: the request.
            headers: its headers, names in lower case.

        Returns:
            The status and what to say; None where it may pass.
        """
        if headers.get("host", "").lower() not in self.hosts:
            return 421, f"This page answers under {', '.join(sorted(self.hosts))} alone."
        safe = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        origin = headers.get("origin")
        if (not safe or origin is not None) and not self._own(origin, headers["host"]):
            return 403, "Requests of other sites are refused."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BODY or (not safe and "transfer-encoding" in headers):
            return 413, f"A request holds at most {MOST_BODY:,} bytes."
        if self.token is not None and not self._knows(scope, headers):
            return 401, "This page needs its token: open the address that the command has printed."
        return None

    def _own(self, origin: str | None, host: str) -> bool:
        """Whether a request comes from a page of ours."""
        if origin is None:
            return False
        parts = urlsplit(origin)
        return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()

    def _knows(self, scope: Scope, headers: MutableMapping[str, str]) -> bool:
        """Whether a request has the token, in its address or its cookie."""
        assert self.token is not None
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get(TOKEN, [])
        cookies = [part.strip().partition("=") for part in headers.get("cookie", "").split(";")]
        given += [value for name, _, value in cookies if name == COOKIE]
        return any(hmac.compare_digest(each.encode(), self.token.encode()) for each in given)

    def _sealed(self, scope: Scope, send: Send) -> Send:
        """`send`, with the headers that every answer has."""
        policy = POLICY_OF_RESULTS if scope["path"].startswith(RESULTS) else POLICY

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", []), (b"content-security-policy", policy.encode()),
                    (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"),
                    (b"cross-origin-opener-policy", b"same-origin"), (b"cross-origin-resource-policy", b"same-origin"),
                ]  # fmt: skip
                if self.token is not None and TOKEN in parse_qs(scope.get("query_string", b"").decode("latin-1")):
                    cookie = f"{COOKIE}={self.token}; HttpOnly; SameSite=Strict; Path=/"
                    message["headers"].append((b"set-cookie", cookie.encode()))
            await send(message)

        return sealed


async def _answer(send: Send, status: int, words: str) -> None:
    """Refuse a request."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words.encode()})
