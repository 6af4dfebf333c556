"""The virtual board opened to people: its one UART on a pty and on a TCP port, for screen, Thonny or mpremote."""

from __future__ import annotations

import contextlib
import os
import pty
import selectors
import socket
import tty
from types import TracebackType

from bench.errors import ToolError
from bench.virtual_board.qemu import Qemu

_CHUNK = 4096


class SharedUart:
    """Joins the guest's UART, a pty and any TCP clients: what one types, the guest reads; all see its output."""

    def __init__(self, guest: Qemu, port: int = 0) -> None:
        """`port` is the TCP port to offer, 0 for any free one. ToolError where it is taken."""
        self._guest = guest
        try:
            self._listener = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            raise ToolError(f"cannot offer TCP port {port}: {error.strerror}; choose another --port") from error
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        # The slave end stays open here: without it, reading the master fails whenever no program has the pty open.
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.pty_path = os.ttyname(self._slave)
        host, _, guest_port = guest.url.removeprefix("socket://").partition(":")
        self._uart = socket.create_connection((host, int(guest_port)))
        self._uart.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._clients: set[socket.socket] = set()
        self._selector = selectors.DefaultSelector()
        for source in (self._listener, self._uart, self._master):
            self._selector.register(source, selectors.EVENT_READ)

    def __enter__(self) -> SharedUart:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._selector.close()
        for one in (self._listener, self._uart, *self._clients):
            one.close()
        os.close(self._master)
        os.close(self._slave)

    def serve(self) -> None:
        """Pass bytes on until the guest powers off."""
        while self._serve_once():
            pass

    def _serve_once(self) -> bool:
        for key, _ in self._selector.select():
            source = key.fileobj
            if source is self._listener:
                client, _address = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._clients.add(client)
                self._selector.register(client, selectors.EVENT_READ)
            elif source is self._uart:
                output = _receive(self._uart)
                if not output:
                    return False
                self._show(output)
            elif source == self._master:
                with contextlib.suppress(BlockingIOError):
                    self._uart.sendall(os.read(self._master, _CHUNK))
            else:
                self._from_client(source)
        return True

    def _from_client(self, client: object) -> None:
        assert isinstance(client, socket.socket)
        data = _receive(client)
        if data:
            self._uart.sendall(data)
        else:
            self._drop(client)

    def _show(self, output: bytes) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, output)  # nobody reads the pty: what does not fit is lost, as on a real wire
        for client in list(self._clients):
            try:
                client.sendall(output)
            except OSError:
                self._drop(client)

    def _drop(self, client: socket.socket) -> None:
        self._selector.unregister(client)
        self._clients.discard(client)
        client.close()


def _receive(source: socket.socket) -> bytes:
    try:
        return source.recv(_CHUNK)
    except OSError:
        return b""
