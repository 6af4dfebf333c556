"""`bench completion SHELL`: the script that makes a shell complete bench's commands, workloads, boards and runs."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion", epilog='Example: eval "$(bench completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell; put `eval "$(bench completion bash)"` into its start-up file."""
    completion = get_completion_class(shell)
    assert completion is not None, "the choices above are those that click knows"
    click.echo(completion(ctx.find_root().command, {}, "bench", "_BENCH_COMPLETE").source())
