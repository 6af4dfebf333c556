"""The QEMU plugin that counts where the instructions of a timed part go: built once for each QEMU and host compiler."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from filelock import FileLock

from bench.board import Log
from bench.errors import ToolError
from bench.virtual_board.qemu import find_qemu, qemu_version

SOURCES = Path(__file__).parent / "plugin"
_API_VERSIONS = (1, 2, 3, 4, 5, 6)  # of QEMU's plugin interface; the plugin uses what all of them have
_LOADED = "region_profile:"  # the plugin itself speaks: it refuses a configuration that is empty


def provide_plugin(cache_dir: Path, log: Log) -> Path:
    """The plugin for this QEMU, built now or taken from `cache_dir`.

    ToolError where no C compiler for this computer is there, where it fails, or where QEMU takes no plugins.
    """
    compiler = host_compiler()
    home = cache_dir / "plugin"
    home.mkdir(parents=True, exist_ok=True)
    plugin = home / f"region_profile-{_key(compiler)[:16]}.so"
    with FileLock(f"{plugin}.lock"):
        if not plugin.is_file():
            log(f"building the profiler for QEMU {qemu_version()}")
            _build(compiler, plugin)
    return plugin


def plugin_option(plugin: Path, config: Path) -> list[str]:
    """What to add to QEMU's command line. A comma within an option is doubled."""
    return ["-plugin", ",config=".join(str(path).replace(",", ",,") for path in (plugin, config))]


def host_compiler() -> str:
    """The C compiler for this computer; ToolError with what installs one."""
    for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        path = shutil.which(name) if name else None
        if path is not None:
            return path
    raise ToolError(
        "no C compiler for this computer (looked for $CC, cc, gcc, clang): the profiler is built with it; install gcc "
        "and libc6-dev, or run `make setup`"
    )


@cache
def _key(compiler: str) -> str:
    banner = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False).stdout
    facts = hashlib.sha256(f"{qemu_version()}\0{banner}".encode())
    for source in sorted(SOURCES.iterdir()):
        facts.update(source.name.encode() + b"\0" + source.read_bytes())
    return facts.hexdigest()


def _build(compiler: str, plugin: Path) -> None:
    """Build for the newest version of the interface that this QEMU takes; `plugin` comes into being whole, or not."""
    staging = plugin.with_suffix(f".{os.getpid()}.new.so")
    refusal = ""
    try:
        for version in _API_VERSIONS:
            _compile(compiler, version, staging)
            refusal = _refusal(staging)
            if not refusal:
                staging.replace(plugin)
                return
    finally:
        staging.unlink(missing_ok=True)
    raise ToolError(
        f"QEMU {qemu_version()} does not load the profiler ({refusal}): it needs a QEMU that was built with TCG "
        "plugins, as Debian's and Ubuntu's are; everything but the anatomy works without"
    )


def _compile(compiler: str, api_version: int, output: Path) -> None:
    sources = sorted(str(source) for source in SOURCES.glob("*.c"))
    options = ["-std=c11", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", f"-DBENCH_PLUGIN_API={api_version}"]
    done = subprocess.run(
        [compiler, *options, "-o", str(output), *sources], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        lines = done.stderr.splitlines()
        reason = next((line for line in lines if "error" in line), f"exit status {done.returncode}")
        raise ToolError(f"{compiler} cannot build the profiler: {reason}; install gcc and libc6-dev, or set CC")


def _refusal(plugin: Path) -> str:
    """Why QEMU does not load it; empty where it does."""
    command = [find_qemu(), "-M", "none", "-nodefaults", "-display", "none", *plugin_option(plugin, Path(os.devnull))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except subprocess.TimeoutExpired:
        return "it takes the option and ignores it"
    if _LOADED in done.stderr:
        return ""
    return next(iter(done.stderr.strip().splitlines()[-1:]), f"exit status {done.returncode}")
