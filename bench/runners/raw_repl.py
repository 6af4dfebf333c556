"""mpremote's raw REPL over our own link: its protocol, our deadlines and transcript."""

from __future__ import annotations

import time
from collections.abc import Callable

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

from bench.errors import BoardError, LinkLost, LinkSilent
from bench.labels import printable
from bench.link import Link

EXEC_TIMEOUT_S = 20.0
ENTRY_ATTEMPTS = 3
_BANNER = b"raw REPL; CTRL-B to exit\r\n"
_CTRL_A, _CTRL_B, _CTRL_C, _CTRL_D = b"\x01", b"\x02", b"\x03", b"\x04"
_QUIET_S = 0.1  # so long must a board say nothing, before what it says is taken for an answer
_BOOT_PY_S = 2.0  # so long may a person's boot.py take, before it is ended
_SHOWN = 200  # characters of a transcript in a message


class RawRepl(SerialTransport):  # type: ignore[misc]
    """A SerialTransport on an open Link. A read that does not end in time raises LinkLost instead of returning."""

    def __init__(self, link: Link, answer_s: float = EXEC_TIMEOUT_S) -> None:
        # SerialTransport's own constructor only opens a port, which the link has done; these are its other fields.
        self.serial = link
        self.in_raw_repl = False
        self.use_raw_paste = True
        self.device_name = "link"
        self.mounted = False
        self.is_pty = False
        self._answer_s = answer_s
        link.read_timeout_s = min(link.read_timeout_s, answer_s)

    def read_until(
        self,
        min_num_bytes: int,
        ending: bytes,
        timeout: float | None = None,
        data_consumer: Callable[[bytes], None] | None = None,
        timeout_overall: float | None = None,
    ) -> bytes:
        """As mpremote's, without its polling every 10 ms, and with an exception where time runs out."""
        link: Link = self.serial
        return link.read_until(ending, self._answer_s)

    def enter(self) -> None:
        """From a freshly booted board that waits at its prompt to the raw REPL."""
        self._translated(lambda: self.enter_raw_repl(soft_reset=False))

    def enter_from_anything(self, back_off_s: float) -> None:
        """To the raw REPL with a clean heap, whatever the board does now: a program, a prompt, another's raw REPL.

        Tried several times, each after a longer pause: some drivers reset the chip when the port opens, and what is
        sent while it boots is lost. LinkLost, with what the board said, where no try succeeds.
        """
        for attempt in range(ENTRY_ATTEMPTS):
            time.sleep(attempt * back_off_s)
            try:
                self._enter_once()
            except LinkSilent as error:  # a broken link is none the better for another try
                silent = error
            else:
                self.in_raw_repl = True
                return
        said = printable(self.serial.transcript[-_SHOWN:]).strip() or "nothing"
        raise LinkLost(f"no raw REPL after {ENTRY_ATTEMPTS} tries: {silent}; the last the board said: {said}")

    def _enter_once(self) -> None:
        link: Link = self.serial
        link.write(b"\r" + _CTRL_C)
        link.write(_CTRL_C)
        link.write(b"\r" + _CTRL_B)
        link.discard(_QUIET_S, self._answer_s)
        link.write(b"\r" + _CTRL_A)
        link.read_until(_BANNER + b">", self._answer_s)
        link.write(_CTRL_D)
        link.read_until(b"soft reboot\r\n", self._answer_s)  # then boot.py runs, and may print
        try:
            link.read_until(_BANNER, min(_BOOT_PY_S, self._answer_s))
        except LinkSilent:  # a boot.py that waits for a network, or never ends
            link.write(_CTRL_C)
            link.read_until(_BANNER, self._answer_s)

    def run_file(self, name: str, source: str) -> str:
        """Execute a script to its end; what it printed. BoardError names the script, its line and the exception."""
        output, traceback = self.run(source)
        if traceback:
            raise BoardError(f"{name}: {last_line(traceback)}")
        return output

    def run(self, code: str) -> tuple[str, str]:
        """Execute code to its end; what it printed, and the traceback, empty where there is none."""
        answer: list[bytes] = []
        self._translated(lambda: answer.extend(self.exec_raw(code)))
        output, traceback = (part.decode("utf-8", "backslashreplace") for part in answer)
        return output, traceback

    def start(self, code: str) -> None:
        """Send code and let it run; what it prints is the caller's to read."""
        self._translated(lambda: self.exec_raw_no_follow(code))

    def finish(self) -> tuple[str, str]:
        """Wait for the end of code that was started; what it printed since, and the traceback."""
        answer: list[bytes] = []
        self._translated(lambda: answer.extend(self.follow(self._answer_s)))
        output, traceback = (part.decode("utf-8", "backslashreplace") for part in answer)
        return output, traceback

    @staticmethod
    def _translated(action: Callable[[], object]) -> None:
        try:
            action()
        except TransportExecError:
            raise
        except TransportError as error:
            raise LinkLost(f"the board's raw REPL gave an unexpected answer: {printable(error)}") from error


def last_line(traceback: str) -> str:
    """The exception and the place of a traceback, in one line."""
    lines = [line.strip() for line in traceback.splitlines() if line.strip()]
    if not lines:
        return "failed without a message"
    places = [line for line in lines if line.startswith("File ")]
    where = ", " + places[-1].partition(", ")[2] if places else ""
    return (lines[-1] + where)[:300]
