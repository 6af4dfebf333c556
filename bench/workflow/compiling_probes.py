"""What is sent to a board so that it tells what compiling a script takes, and what loading its .mpy file takes."""

from __future__ import annotations

from dataclasses import dataclass

from bench import paths
from bench.anatomy.compiling import MORE_BOOTS, compiling_probe, in_pieces
from bench.anatomy.probes import Probe, probe_script
from bench.catalogue import Workload
from bench.mpy_program import ON_BOARD_RUNNER, read_script
from bench.workflow.mpy_cross import compile_mpy
from bench.workflow.mpy_loading import MpyLoader

SCRIPTS = paths.SCRIPTS / "workflow"
_MODULE = "benchwl"  # what the file is called on a board that has files


@dataclass(frozen=True)
class Probes:
    """The probes of one script as one of the emitters compiles it, and what they are made of.

    `compiling` and `loading` print `ticks` and `held_bytes`, the others `needed_bytes`.
    """

    workload: Workload
    variant: str
    source: str  # as it is sent
    mpy: bytes
    compiling: Probe
    loading: Probe
    compiling_needs: Probe
    loading_needs: Probe | None  # None on a board that loads from files: how they are read there needs heap too


def probes_of(workload: Workload, variant: str, loader: MpyLoader) -> Probes:
    """InputError where the script does not compile here, ToolError where there is no mpy-cross."""
    compiling, source = compiling_probe(workload, variant)
    text = source.decode()
    mpy = compile_mpy(text, workload.script.name, board=loader.format)
    label = f"{workload.name} ({variant})"
    return Probes(
        workload,
        variant,
        text,
        mpy,
        compiling,
        _loading(mpy, label, loader),
        _needs(source, f"memory to compile {label}", "_measure(lambda text: compile(text, '<stdin>', 'exec'))"),
        None if loader.has_files else _needs(mpy, f"memory to load {label}", "import machine\n_measure(machine._mpy)"),
    )


def _loading(mpy: bytes, label: str, loader: MpyLoader) -> Probe:
    name = f"loading {label}"
    if not loader.has_files:
        texts = (probe_script("loading.py", SCRIPTS), *in_pieces(mpy), "_measure()")
        return Probe(name, texts, MORE_BOOTS)
    texts = (
        read_script(ON_BOARD_RUNNER),  # importing the script executes it, and it imports this
        *loader.store(mpy, _MODULE),
        probe_script("importing.py", SCRIPTS),
        f"_measure({_MODULE!r})\n{loader.remove(_MODULE)}",
    )
    return Probe(name, texts)


def _needs(data: bytes, name: str, call: str) -> Probe:
    return Probe(name, (probe_script("needed_memory.py", SCRIPTS), *in_pieces(data), call))
