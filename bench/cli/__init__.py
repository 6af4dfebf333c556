"""The command line: arguments in, exit codes out. Heavy imports wait inside the commands that need them.

Exit codes: 0 all well; 1 counts differ, or --fail-if found what it looks for; 2 an argument, catalogue or run folder
cannot be used; 3 the link or a tool failed; 4 the board or its program failed, so that a measurement has no figure; 130
interrupted.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import Any

import click

from bench import __version__
from bench.errors import BenchError

COMMANDS = {
    "run": "bench.cli.run",
    "show": "bench.cli.show",
    "charts": "bench.cli.charts",
    "report": "bench.cli.report",
    "export": "bench.cli.export",
    "cite": "bench.cli.cite",
    "published": "bench.cli.published",
    "anatomy": "bench.cli.anatomy",
    "tips": "bench.cli.tips",
    "mix": "bench.cli.mix",
    "estimate": "bench.cli.estimate",
    "anatomy-of": "bench.cli.anatomy_of",
    "flames": "bench.cli.flames",
    "workflow": "bench.cli.workflow",
    "compare": "bench.cli.compare",
    "selftest-noise": "bench.cli.selftest_noise",
    "verify": "bench.cli.verify",
    "check": "bench.cli.check",
    "new": "bench.cli.new",
    "list": "bench.cli.list",
    "boards": "bench.cli.boards",
    "repl": "bench.cli.repl",
    "doctor": "bench.cli.doctor",
    "reference": "bench.cli.reference",
    "completion": "bench.cli.completion",
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is asked for: `--help` pays for none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a person meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: bench run --board virtual-esp32 --quick   (needs no board; measures every workload once)",
)
@click.version_option(__version__, prog_name="bench")
def cli() -> None:
    """MicroPython against Arduino C++ on the same board, measured."""


def main() -> None:
    """Entry point of the command `bench`: runs it and turns exceptions into one line and an exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        status = cli.main(prog_name="bench", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BenchError as error:
        click.echo(f"bench: error: {error}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort) as error:
        # click turns a KeyboardInterrupt into its Abort; the run's own words on how to go on are in the original.
        words = str(error.__cause__ or error)
        click.echo(f"bench: interrupted{words and ': ' + words}", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of a pipe has seen enough
        sys.exit(0)
    sys.exit(status if isinstance(status, int) else 0)


def _interrupt(signal_number: int, frame: Any) -> None:
    raise KeyboardInterrupt
