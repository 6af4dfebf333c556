"""Layouts of the suite: the same program, its functions at other addresses."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from bench import paths
from bench.platformio_build import build_sketch
from bench.platformio_run import isolated_environment, run_platformio
from bench.reference import reference_checksum
from bench.sketch_image import SketchImage
from tests.arduino_project import booted, copy_project, next_event, run

BOARD = "virtual-esp32"
WORKLOADS = {"sieve": 1000, "fib": 10, "crc32": 64, "mandelbrot": 8}


@pytest.fixture(scope="module")
def images() -> dict[int, SketchImage]:
    return {j: build_sketch(BOARD, "suite", layout=j, cache_dir=paths.cache_dir()) for j in range(4)}


def symbol_table(stream: IO[bytes]) -> SymbolTableSection:
    table = ELFFile(stream).get_section_by_name(".symtab")
    assert isinstance(table, SymbolTableSection)
    return table


def functions(image: SketchImage) -> dict[str, int]:
    """Address of every function of a workload."""
    with image.elf.open("rb") as stream:
        found = {
            symbol.name: symbol["st_value"]
            for symbol in symbol_table(stream).iter_symbols()
            if symbol["st_info"]["type"] == "STT_FUNC"
        }
    return {name: at for name, at in found.items() if name.startswith("_ZN")}


def test_every_layout_is_an_image_of_its_own(images: dict[int, SketchImage]) -> None:
    assert len({image.sha256 for image in images.values()}) == len(images)
    assert len({image.image_hash for image in images.values()}) == len(images)
    assert [image.layout for image in images.values()] == [0, 1, 2, 3]


def test_the_same_functions_lie_at_other_addresses_and_in_another_order(images: dict[int, SketchImage]) -> None:
    written = functions(images[0])
    for layout in (1, 2, 3):
        shifted = functions(images[layout])
        assert shifted.keys() == written.keys()
        workloads = [name for name in written if name.endswith("L3runEv")]
        assert len(workloads) > 40
        assert all(shifted[name] != written[name] for name in workloads)
        assert len({shifted[name] - written[name] for name in workloads}) > 10, "not just moved as a whole"
        assert sorted(workloads, key=shifted.__getitem__) != sorted(workloads, key=written.__getitem__)


def test_every_layout_computes_the_same_at_the_same_cost(images: dict[int, SketchImage]) -> None:
    expected = {name: f"{reference_checksum(paths.SCRIPTS / f'{name}.py', n, 1):08x}" for name, n in WORKLOADS.items()}
    ticks: dict[str, set[str]] = {name: set() for name in WORKLOADS}
    for image in images.values():
        with booted(image) as link:
            assert next_event(link).fields["image"] == image.image_hash
            for name, n in WORKLOADS.items():
                (sample,) = run(link, name, n=n, seed=1, loops=2, min_ticks=1, samples=1)
                assert sample.fields["checksum"] == expected[name]
                ticks[name].add(sample.fields["ticks"])
    assert all(len(different) == 1 for different in ticks.values()), "a virtual board has no cache"


def test_the_same_layout_is_the_same_image(tmp_path: Path) -> None:
    first, second = (
        build_sketch(BOARD, "suite", layout=2, cache_dir=tmp_path / cache, project=copy_project(tmp_path / project))
        for cache, project in (("one", "here"), ("another", "some where/else"))
    )
    assert first.sha256 == second.sha256 and first.image_hash == second.image_hash


def test_layout_0_is_the_program_as_it_is_written(images: dict[int, SketchImage]) -> None:
    for layout, image in images.items():
        with image.elf.open("rb") as stream:
            assert bool(symbol_table(stream).get_symbol_by_name("bench_layout_padding")) == (layout > 0)


@pytest.mark.parametrize(
    ("layout", "words"), [("-1", "not a whole number"), ("01", "not a whole"), ("x", "not a whole")]
)
def test_platformio_itself_refuses_what_is_no_layout(tmp_path: Path, layout: str, words: str) -> None:
    project = copy_project(tmp_path / "project")
    environment = isolated_environment(keep_person=False) | {
        "BENCH_LAYOUT": layout,
        "PLATFORMIO_CORE_DIR": str(tmp_path / "core"),
    }
    log = tmp_path / "log"
    status = run_platformio(["run"], project=project, environment=environment, log_file=log, limit_s=60)
    assert status != 0 and f"BENCH_LAYOUT is '{layout}', {words}" in log.read_text()
