"""mpremote's raw REPL over our own link: its protocol, our deadlines and transcript."""

from __future__ import annotations

from collections.abc import Callable

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

from bench.errors import BoardError, LinkLost
from bench.link import Link

EXEC_TIMEOUT_S = 20.0


class RawRepl(SerialTransport):  # type: ignore[misc]
    """A SerialTransport on an open Link. A read that does not end in time raises LinkLost instead of returning."""

    def __init__(self, link: Link) -> None:
        # SerialTransport's own constructor only opens a port, which the link has done; these are its other fields.
        self.serial = link
        self.in_raw_repl = False
        self.use_raw_paste = True
        self.device_name = "link"
        self.mounted = False
        self.is_pty = False

    def read_until(
        self,
        min_num_bytes: int,
        ending: bytes,
        timeout: float | None = EXEC_TIMEOUT_S,
        data_consumer: Callable[[bytes], None] | None = None,
        timeout_overall: float | None = None,
    ) -> bytes:
        """As mpremote's, without its polling every 10 ms, and with an exception where time runs out."""
        link: Link = self.serial
        return link.read_until(ending, timeout_overall or timeout or EXEC_TIMEOUT_S)

    def enter(self) -> None:
        """From a board that waits at any prompt to the raw REPL."""
        self._translated(lambda: self.enter_raw_repl(soft_reset=False))

    def run_file(self, name: str, source: str) -> None:
        """Execute a script to its end. BoardError names the script, its line and the exception."""
        try:
            self._translated(lambda: self.exec(source))
        except TransportExecError as error:
            raise BoardError(f"{name}: {_last_line(error.error_output)}") from error

    def start(self, code: str) -> None:
        """Send code and let it run; what it prints is the caller's to read."""
        self._translated(lambda: self.exec_raw_no_follow(code))

    @staticmethod
    def _translated(action: Callable[[], object]) -> None:
        try:
            action()
        except TransportExecError:
            raise
        except TransportError as error:
            raise LinkLost(f"the board's raw REPL gave an unexpected answer: {error}") from error


def _last_line(traceback: str) -> str:
    lines = [line.strip() for line in traceback.splitlines() if line.strip()]
    if not lines:
        return "failed without a message"
    places = [line for line in lines if line.startswith("File ")]
    where = ", " + places[-1].partition(", ")[2] if places else ""
    return (lines[-1] + where)[:300]
