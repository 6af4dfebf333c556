"""Fetches a file over HTTPS: whole, within a size and a time, or not at all.

`requests` does the work, which PlatformIO brings anyway: it has certificates of its own (those of Python on macOS are
often missing), and takes proxies and further certificates from the environment (HTTPS_PROXY, REQUESTS_CA_BUNDLE). It
bounds neither a name look-up nor a server that sends a byte now and then, so it runs in a thread that is left behind
when time is up: that thread holds memory only, never a file.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench import __version__
from bench.errors import ToolError
from bench.labels import printable
from bench.side_by_side import check_stopped

if TYPE_CHECKING:
    import requests

Progress = Callable[[int, int], None]  # bytes done, bytes in all (0: the server does not tell)
CONNECT_S = 5.0
QUIET_S = 20.0  # the longest pause in what a server sends
_POLL_S = 0.1
_CHUNK = 1024  # what is counted and checked at once; the rest of a broken one is lost
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def fetch(url: str, *, limit: int, seconds: float, progress: Progress = lambda done, total: None) -> bytes:
    """The file's bytes, at most `limit`, within `seconds`; ToolError with the reason in one line, and what to mend.

    Only https is followed, also through redirects; plain http only to the very server of a loopback `url`.
    """
    transfer = _Transfer(url, limit)
    threading.Thread(target=transfer.run, daemon=True).start()
    end = time.monotonic() + seconds
    try:
        while not transfer.ended.wait(_POLL_S):
            check_stopped()
            progress(transfer.done, transfer.total)
            if time.monotonic() > end:
                raise ToolError(f"{transfer.host} took longer than {seconds:g} s ({transfer.state}): try again later")
    finally:
        transfer.given_up.set()
    if transfer.error is not None:
        raise transfer.explained(transfer.error) from transfer.error
    progress(transfer.done, transfer.total)
    return bytes(transfer.data)


class _Transfer:
    """What the thread shares with the one that waits for it; complete or failed once `ended` is set."""

    def __init__(self, url: str, limit: int) -> None:
        self.url = url
        self.limit = limit
        self.quiet_s = QUIET_S
        self.host = printable(urlsplit(url).hostname, 80)
        self.data = bytearray()
        self.total = 0
        self.answered = False
        self.error: Exception | None = None
        self.ended = threading.Event()
        self.given_up = threading.Event()

    @property
    def done(self) -> int:
        return len(self.data)

    @property
    def state(self) -> str:
        if not self.answered:
            return "it did not answer"
        return f"{self.done} of {self.total} bytes came" if self.total else f"{self.done} bytes came"

    def run(self) -> None:
        try:
            self._get()
        except Exception as error:  # the end of a thread: whoever waits gets it, whatever it is
            self.error = error
        finally:
            self.ended.set()

    def _get(self) -> None:
        with (
            _session(self.url) as session,
            session.get(self.url, stream=True, timeout=(CONNECT_S, self.quiet_s)) as response,
        ):
            self.answered = True
            if response.status_code != 200:
                reason = printable(response.reason or "", 60)
                raise ToolError(f"{self.host} answers {response.status_code} ({reason}) for {urlsplit(self.url).path}")
            length = response.headers.get("Content-Length", "")
            if length.isdecimal() and "Content-Encoding" not in response.headers:
                self.total = int(length)
            self._check_size(self.total)
            for chunk in response.iter_content(_CHUNK):
                self._check_size(self.done + len(chunk))
                self.data += chunk
                if self.given_up.is_set():
                    return
            if self.done < self.total:
                raise EOFError("the connection ended")

    def _check_size(self, size: int) -> None:
        if size > self.limit:
            raise ToolError(
                f"{self.host} sends {size} bytes or more for {urlsplit(self.url).path}, where {self.limit} are the "
                "most that can be right: nothing of it was used"
            )

    def explained(self, error: Exception) -> ToolError:
        """What an error means, for a person."""
        import requests

        words = printable(error, 160)
        if isinstance(error, ToolError):
            return error
        if isinstance(error, requests.exceptions.InvalidSchema) and "No connection adapters" in words:
            return ToolError(
                f"{self.host} sends us on without https, to {words.rpartition(' ')[2]}: it was not followed"
            )
        if isinstance(error, requests.exceptions.TooManyRedirects):
            return ToolError(f"{self.host} sends us on without end: try again later")
        if isinstance(error, requests.exceptions.ProxyError):
            return ToolError(f"the proxy does not let us through to {self.host}: check HTTPS_PROXY ({words})")
        if isinstance(error, requests.exceptions.SSLError):
            return ToolError(
                f"the certificate of {self.host} is not accepted: check this computer's clock, or set "
                f"REQUESTS_CA_BUNDLE to the certificates of your network ({words})"
            )
        if self.answered:
            return ToolError(f"the download from {self.host} broke off ({self.state}): try again")
        if isinstance(error, requests.exceptions.ReadTimeout):
            return ToolError(f"{self.host} did not answer within {self.quiet_s:g} s: try again later")
        if isinstance(error, requests.exceptions.ConnectionError):
            if "Connection aborted" in words:
                return ToolError(f"{self.host} ended the connection without an answer: try again later")
            return ToolError(f"no network: {self.host} cannot be reached")
        return ToolError(f"{self.host} cannot be asked ({type(error).__name__}: {words})")


def _session(url: str) -> requests.Session:
    """A session that can speak to https alone, whatever a redirect says."""
    import requests

    session = requests.Session()
    session.adapters.clear()
    session.mount("https://", requests.adapters.HTTPAdapter())
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        session.mount(f"http://{parts.netloc}/", requests.adapters.HTTPAdapter())
    session.headers["User-Agent"] = f"mpy-arduino-bench/{__version__}"
    session.headers["Accept-Encoding"] = "identity"  # else the bytes on the way are not those that were announced
    return session
