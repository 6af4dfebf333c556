"""`bench repl`: a virtual board in one language, for people and their tools."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.cli.options import board_option
from bench.variants import LANGUAGES

if TYPE_CHECKING:
    from bench.virtual_board.repl import SharedUart


@click.command("repl", epilog="Example: bench repl --board virtual-esp32c3   (then, elsewhere: mpremote connect URL)")
@board_option
@click.option("--language", type=click.Choice(LANGUAGES), default="micropython", show_default=True,
              help="What it runs: MicroPython, or the C++ suite with every workload.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="TCP port to offer; default: any free one.")
def command(board: str, language: str, port: int) -> None:
    """Boot a virtual board and keep it open until Ctrl-C or until it powers off.

    Names a pty and a socket URL, either of which any serial program can open: mpremote, Thonny or screen for
    MicroPython, a serial monitor for the C++ suite.
    """
    from bench.virtual_board.profiles import find_profile
    from bench.virtual_board.qemu import Qemu
    from bench.virtual_board.repl import SharedUart

    profile = find_profile(board)
    elf, what = _program(profile.name, language)
    with Qemu(profile, elf) as guest, SharedUart(guest, port) as uart:
        click.echo(f"{board} runs {what}; its clock counts instructions, not time")
        for line in _ways_in(language, uart):
            click.echo(f"  {line}")
        with contextlib.suppress(KeyboardInterrupt):  # the way to leave, not an accident
            click.echo("Press Ctrl-C here to power it off.")
            uart.serve()
    click.echo("the board is powered off")


def _program(board: str, language: str) -> tuple[Path, str]:
    """The ELF file to boot, built where it is not there yet, and its name for a person."""
    from bench import paths

    def log(text: str) -> None:
        click.echo(text, err=True)

    if language == "micropython":
        from bench.virtual_board.firmware import build_micropython

        firmware = build_micropython(board, cache_dir=paths.cache_dir(), log=log)
        return firmware.elf, f"MicroPython {firmware.micropython_version}"
    from bench.platformio_build import build_sketch

    sketch = build_sketch(board, "suite", cache_dir=paths.cache_dir(), log=log)
    return sketch.elf, f"the C++ suite, image {sketch.image_hash}"


def _ways_in(language: str, uart: SharedUart) -> list[str]:
    if language == "micropython":
        return [
            f"mpremote connect {uart.url}",
            f"mpremote connect {uart.pty_path}",
            f"screen {uart.pty_path}",
            f"Thonny: interpreter 'MicroPython (generic)', port {uart.pty_path}",
        ]
    return [
        f"python -m serial.tools.miniterm {uart.url}",
        f"screen {uart.pty_path}",
        "then type: run crc32 1024   (or anything else, for the list of workloads)",
    ]
