"""The variants: how a language's programs can be compiled and run. One row here is one name for `--variant`."""

from __future__ import annotations

from collections.abc import Iterable

from bench.errors import InputError

NO_GC = "-nogc"  # ends the names of the variants whose timed part runs with the garbage collector off
VARIANTS = {
    "arduino": {
        "Os": "optimised for size, Arduino's default",
        "O2": "optimised for speed",
    },
    "micropython": {
        "bytecode": "interpreted, MicroPython's default",
        "native": "the same source, compiled to machine code by the native emitter",
        "viper": "timed functions rewritten by hand for the viper emitter, of some workloads",
        f"bytecode{NO_GC}": "as bytecode, collector off in the timed part: what computing alone costs",
        f"native{NO_GC}": "as native, collector off in the timed part",
        f"viper{NO_GC}": "as viper, collector off in the timed part",
    },
}
LANGUAGES = tuple(VARIANTS)
HEADLINE_VARIANT = {language: next(iter(variants)) for language, variants in VARIANTS.items()}
ALL = "all"
MOST_LAYOUTS = 32  # each is a build of its own, and on hardware a write of the flash


def chosen_variants(names: Iterable[str]) -> list[tuple[str, str]]:
    """Language and variant of each variant asked for; a language of which none is named keeps its headline variant."""
    wanted = set(names)
    known = [variant for variants in VARIANTS.values() for variant in variants]
    for name in sorted(wanted - {*known, ALL}):
        raise InputError(f"no variant {name!r}; known: {', '.join(known)}, or {ALL}")
    chosen = []
    for language, variants in VARIANTS.items():
        mine = [variant for variant in variants if variant in wanted or ALL in wanted]
        chosen += [(language, variant) for variant in mine or [HEADLINE_VARIANT[language]]]
    return chosen


def program_of(language: str, variant: str, layout: int = 0) -> str:
    """What a board has to be loaded with: MicroPython's variants are made on the board, C++'s by the compiler.

    `layout` numbers the builds of one C++ program that differ in where its functions lie; 0 is the usual one.
    """
    if language != "arduino" or (variant, layout) == (HEADLINE_VARIANT[language], 0):
        return language
    return f"{language}-{variant}" if layout == 0 else f"{language}-{variant}-{layout}"


def build_of(program: str) -> tuple[str, int]:
    """The optimisation and the layout of a C++ program's name, as `program_of` gives it."""
    _, variant, layout = (*program.split("-"), "", "")[:3]
    return variant or HEADLINE_VARIANT["arduino"], int(layout or 0)


def emitter_of(variant: str) -> str:
    """The variant without its mode of garbage collection: bytecode, native or viper."""
    return variant.removesuffix(NO_GC)


def collects(variant: str) -> bool:
    """Whether the garbage collector is on in the timed part."""
    return not variant.endswith(NO_GC)
