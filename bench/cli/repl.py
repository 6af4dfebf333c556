"""`bench repl`: the virtual board's REPL, for people and their tools."""

from __future__ import annotations

import contextlib

import click

from bench.cli.options import board_option


@click.command("repl", epilog="Example: bench repl --board virtual-esp32c3   (then, elsewhere: mpremote connect URL)")
@board_option
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="TCP port to offer; default: any free one.")
def command(board: str, port: int) -> None:
    """Boot MicroPython on a virtual board and keep it open until Ctrl-C or until it powers off.

    Names a pty and a socket URL; mpremote, Thonny, screen or any pyserial program can connect to either.
    """
    from bench import paths
    from bench.virtual_board.firmware import build_micropython
    from bench.virtual_board.profiles import find_profile
    from bench.virtual_board.qemu import Qemu
    from bench.virtual_board.repl import SharedUart

    profile = find_profile(board)
    firmware = build_micropython(profile.name, cache_dir=paths.cache_dir(), log=lambda text: click.echo(text, err=True))
    with Qemu(profile, firmware.elf) as guest, SharedUart(guest, port) as uart:
        click.echo(f"{board} runs MicroPython {firmware.micropython_version}; its clock counts instructions, not time")
        click.echo(f"  mpremote connect {uart.url}")
        click.echo(f"  mpremote connect {uart.pty_path}")
        click.echo(f"  screen {uart.pty_path}")
        click.echo(f"  Thonny: interpreter 'MicroPython (generic)', port {uart.pty_path}")
        with contextlib.suppress(KeyboardInterrupt):  # the way to leave, not an accident
            click.echo("Press Ctrl-C here to power it off.")
            uart.serve()
    click.echo("the board is powered off")
