"""The bootloader of an emulated chip: a mock's implementation of the protocol, with what it lacks for a whole board."""

from __future__ import annotations

import socket
import struct
import threading
from dataclasses import dataclass

from esp32_mock_bootloader import protocol, server
from esptool.targets import CHIP_DEFS

_SECTOR = protocol.FLASH_SECTOR_SIZE
_END = bytes([protocol.SLIP_END])
_COMMANDS = protocol.CMD
_LEAVING = (_COMMANDS["FLASH_END"], _COMMANDS["FLASH_DEFL_END"])
ROM_BAUD = 115200


@dataclass
class Region:
    """One piece of flash that was announced and written, or begun to be."""

    offset: int
    size: int
    written: int = 0  # bytes


class ChipFlash(server.FlashImage):  # type: ignore[misc]  # the mock has no types
    """A flash chip that outlives resets. Announced regions are erased by whole sectors, as the chips do."""

    def __init__(self, megabytes: int = 4) -> None:
        super().__init__()
        del self.data[megabytes * 2**20 :]
        self.regions: list[Region] = []
        self.erases = 0  # of the whole chip

    @property
    def jedec_id(self) -> int:
        """What the flash chip answers to the question who it is: maker, kind, and its size as a power of two."""
        kind: int = protocol.MOCK_FLASH_ID & 0xFFFF
        return (len(self.data).bit_length() - 1) << 16 | kind

    def put(self, offset: int, data: bytes) -> None:
        """Hold these bytes from the factory."""
        self.data[offset : offset + len(data)] = data

    def begin_defl(self, payload: bytes) -> None:
        super().begin_defl(payload)
        self._begin(payload)

    def begin_plain(self, payload: bytes) -> None:
        super().begin_plain(payload)
        self._begin(payload)

    def write_defl_block(self, payload: bytes) -> None:
        before = self._defl_offset
        super().write_defl_block(payload)
        self.regions[-1].written += self._defl_offset - before

    def write_plain_block(self, payload: bytes) -> None:
        before = self._plain_offset
        super().write_plain_block(payload)
        self.regions[-1].written += self._plain_offset - before

    def erase_all(self) -> None:
        super().erase_all()
        self.erases += 1

    def _begin(self, payload: bytes) -> None:
        size, _blocks, _block_size, offset = struct.unpack_from("<IIII", payload)
        if size:  # none: esptool asks only for the end of what went before
            self.erase_region(offset, -(-size // _SECTOR) * _SECTOR)
            self.regions.append(Region(offset, size))


class _Conversation(server.BootloaderConnection):  # type: ignore[misc]  # the mock has no types
    """The mock's end of the line: whole frames in, and in its answers what this chip is."""

    def __init__(self, sock: socket.socket, values: dict[int, int], flash: ChipFlash, spi_answer: int) -> None:
        super().__init__(sock=sock)
        self._values = values  # of registers
        self._flash = flash
        self._spi_answer = spi_answer
        self._buffer = bytearray()
        self._register: int | None = None  # that was asked for
        self._is_over = False
        self._new_baud = ROM_BAUD
        self.bauds = {ROM_BAUD}  # at which the chip understands and is understood

    def recv(self, size: int) -> bytes:
        """One frame: the mock loses one that begins in the same piece in which another ends."""
        if self._is_over:
            return b""
        frame = self._next_frame()
        [head] = server.slip_decode_frames(frame[:60] + _END)[:1] or [b""]
        if len(head) < 8:
            return frame
        command, arguments = head[1], head[8:]
        self._register = None
        if len(self.bauds) > 1:
            self.bauds = {self._new_baud}
        if command == _COMMANDS["READ_REG"]:
            self._register = int.from_bytes(arguments[:4], "little")
        elif command == _COMMANDS["CHANGE_BAUDRATE"]:  # the answer still comes at the old speed
            self._new_baud = int.from_bytes(arguments[:4], "little")
            self.bauds = {*self.bauds, self._new_baud}
        stays = command in _LEAVING and arguments[:1] != b"\0"
        self._is_over = not stays and command in (*_LEAVING, _COMMANDS["RUN_USER_CODE"])
        return frame

    def sendall(self, data: bytes) -> None:
        if self._register is not None:
            data = self._answer(data, self._register)
        super().sendall(data)

    def _answer(self, data: bytes, register: int) -> bytes:
        """The mock's answer with this chip's value of the register."""
        [frame] = server.slip_decode_frames(data)
        value = int.from_bytes(frame[4:8], "little")
        if register == self._spi_answer and value == protocol.MOCK_FLASH_ID:
            value = self._flash.jedec_id
        value = self._values.get(register, value)
        encoded: bytes = server.slip_encode(frame[:4] + value.to_bytes(4, "little") + frame[8:])
        return encoded

    def _next_frame(self) -> bytes:
        while True:
            start = self._buffer.find(_END)
            end = self._buffer.find(_END, start + 1) if start >= 0 else -1
            if end == start + 1 and start >= 0:
                del self._buffer[:end]  # the end of one frame, and the begin of the next
            elif end > 0:
                frame = bytes(self._buffer[start : end + 1])
                del self._buffer[: end + 1]
                return frame
            else:
                data: bytes = super().recv(4096)
                if not data:
                    return b""
                self._buffer += data


class Bootloader:
    """A chip that is in its bootloader. It ends when it is told to leave, or by `stop`; then its UART is closed."""

    def __init__(self, chip: str, flash: ChipFlash, mac: bytes | None) -> None:
        self.uart, inner = socket.socketpair()
        rom = CHIP_DEFS[chip]
        spi_answer = rom.SPI_REG_BASE + rom.SPI_W0_OFFS
        self._conversation = _Conversation(inner, _mac_registers(chip, mac) if mac else {}, flash, spi_answer)
        self._stop = threading.Event()
        # The mock takes the end of writing for the end of everything unless it may wait for the other side's leaving.
        options = {"flash": flash, "exit_on_disconnect": True}
        arguments = (self._conversation, self._stop, chip)
        self._thread = threading.Thread(target=server.handle_client, args=arguments, kwargs=options, daemon=True)
        self._thread.start()

    @property
    def bauds(self) -> set[int]:
        """The speeds at which the chip understands."""
        return self._conversation.bauds

    def stop(self) -> None:
        """End it at once."""
        self._stop.set()
        self.uart.close()
        self._thread.join()


def _mac_registers(chip: str, mac: bytes) -> dict[int, int]:
    """The registers that hold the chip's address."""
    rom = CHIP_DEFS[chip]
    first = rom.EFUSE_RD_REG_BASE + 4 if chip == "esp32" else rom.MAC_EFUSE_REG
    high, low = struct.unpack(">II", bytes(2) + mac)
    return {first: low, first + 4: high}
