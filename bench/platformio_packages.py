"""The platform, compiler and core of a real board: PlatformIO fetches them, once, before the first build.

How far PlatformIO itself guards against a fetch that is cut off (its package/manager/_download.py, _registry.py and
_install.py): an archive is downloaded under a temporary name, its size and SHA-256 are compared, then it is renamed; it
is unpacked into a temporary folder. But that folder is then *copied* to its place, file by file, and a package that was
killed while it was copied counts as installed. So a note stands in the workspace while packages are installed, and
where it is found again they are installed anew, from the archives that PlatformIO keeps.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bench.build_log import describe_failure
from bench.errors import ToolError
from bench.files import write_atomically
from bench.labels import printable
from bench.platformio_project import Environment
from bench.platformio_run import Log, run_platformio, wait_for

ASK_S = 60.0
REACH_S = 9.0
FETCH_S = 3600.0
_WARNING = re.compile(r"^.*Warning! Package Mirror: (.+)$", re.M)
_PROBE = Path(__file__).with_name("platformio_probe.py")


@dataclass(frozen=True)
class _Installed:
    missing: dict[str, str]  # name -> version
    packages: dict[str, str]  # name -> version of what a build uses, without the build engine
    build_engine: tuple[str, str]  # its name and PlatformIO's specification of it

    @property
    def names(self) -> set[str]:
        return {*self.missing, *self.packages, self.build_engine[0]}

    def lacking(self) -> str:
        return ", ".join(printable(f"{name}@{version}", 80) for name, version in sorted(self.missing.items()))


def ensure_packages(
    board: Environment, *, project: Path, variables: Mapping[str, str], workspace: Path, log_file: Path, log: Log | None
) -> dict[str, str]:
    """Have everything that builds for the board installed: name -> version of each package.

    What is missing is fetched by PlatformIO, which takes minutes; `log` gets what it does. `variables` is PlatformIO's
    process environment. ToolError within seconds where something is missing and there is no network.
    """
    return _Packages(board, project, variables, workspace / "installing.json", log_file, log).ensure()


@dataclass(frozen=True)
class _Packages:
    board: Environment
    project: Path
    variables: Mapping[str, str]
    note: Path  # names of packages that were being installed when the note was written
    log_file: Path
    log: Log | None

    def ensure(self) -> dict[str, str]:
        doubtful = self._doubtful()
        name, _, version = self.board.platform.partition("@")
        # A platform that may be incomplete is not asked what it needs.
        found = self._ask() if name not in doubtful else _Installed({name: version}, {}, ("", ""))
        if not found.missing and not doubtful & found.names:
            return found.packages
        if not self._is_reachable():
            raise ToolError(self._without_network(found, doubtful))
        if self.log is not None:
            self.log(f"PlatformIO installs what {self.board.name} needs; this is done once")
        again = ["--force"] if doubtful & found.names else []
        if name in found.missing:
            self._install({name}, ["--global", "--platform", self.board.platform, "--skip-dependencies", *again])
            found = self._ask()
            again = ["--force"] if doubtful & found.names else []
        self._install({*found.missing}, ["--project-dir", str(self.project), "--environment", self.board.name, *again])
        engine, specification = found.build_engine
        if engine in found.missing or engine in doubtful:
            self._install({engine}, ["--global", "--tool", specification, *again])
        found = self._ask()
        if found.missing:
            raise ToolError(
                f"PlatformIO installed what {self.board.name} needs, and yet {found.lacking()} is not there; the full "
                f"log is {self.log_file}"
            )
        self._write_note(self._doubtful() - found.names)
        return found.packages

    def _install(self, names: set[str], what: list[str]) -> None:
        """Let PlatformIO install something; until all is done, the note names it."""
        self._write_note(self._doubtful() | names)
        status = run_platformio(
            ["pkg", "install", *what],
            project=self.project,
            environment=self.variables,
            log_file=self.log_file,
            limit_s=FETCH_S,
            log=self.log,
        )
        if status != 0:
            reason = _why_not(self.log_file.read_text(encoding="utf-8", errors="replace"), self.project)
            raise ToolError(
                f"PlatformIO could not install what {self.board.name} needs: {printable(reason)}; what it has fetched "
                f"is kept, run the command again; the full log is {self.log_file}"
            )

    def _doubtful(self) -> set[str]:
        try:
            return set(json.loads(self.note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return set()

    def _write_note(self, names: set[str]) -> None:
        if names:
            write_atomically(self.note, json.dumps(sorted(names)).encode())
        else:
            self.note.unlink(missing_ok=True)

    def _ask(self) -> _Installed:
        answer = self._probe(self.board.name, ASK_S)
        if answer is None:
            raise ToolError(f"PlatformIO did not tell within {ASK_S:.0f} s what is installed; is another one at work?")
        return _Installed(answer["missing"], answer["packages"], tuple(answer["build_engine"]))

    def _is_reachable(self) -> bool:
        answer = self._probe("--reachable", REACH_S)
        return answer is not None and bool(answer["reachable"])

    def _probe(self, question: str, limit_s: float) -> dict[str, Any] | None:
        """The probe's answer, None where it did not come in time."""
        command = [sys.executable, "-P", str(_PROBE), question]  # -P: this folder's modules do not hide Python's
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                command,
                cwd=self.project,
                env=dict(self.variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )
            try:
                wait_for(process, limit_s)
            except subprocess.TimeoutExpired:
                return None
            finally:
                process.kill()
                process.wait()
            said, failure = (_all_of(file) for file in (output, errors))
        try:
            answer: dict[str, Any] = json.loads(said)
        except ValueError:
            reason = printable(describe_failure(failure, self.project))
            raise ToolError(f"PlatformIO cannot tell what is installed: {reason}; run `make setup`") from None
        return answer

    def _without_network(self, found: _Installed, doubtful: set[str]) -> str:
        if self.board.platform.partition("@")[0] in found.missing:
            lacking = f"{printable(self.board.platform, 80)} with its compiler and Arduino core"
        else:
            lacking = found.lacking() or f"{', '.join(sorted(doubtful & found.names))} (not installed to the end)"
        return (
            f"{self.board.name} needs PlatformIO's {lacking}, to be fetched once, but PlatformIO's registry cannot be "
            "reached: connect to the internet and run the command again; later builds need no network"
        )


def _all_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _why_not(text: str, project: Path) -> str:
    """Why an installation failed; what became of a download PlatformIO tells as a warning only."""
    failure = describe_failure(text, project)
    warnings = _WARNING.findall(text)
    return f"{failure}: {warnings[-1]}" if warnings else failure
