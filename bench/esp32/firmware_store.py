"""MicroPython's official firmware: what there is, fetched, verified, and kept under the hash that it came with.

mpflash 1.29, the tool for this, takes whatever a server answers, an error page included, for a firmware, asks without
time-outs, checks no hash, keeps its books in a database of its own, and would bring 22 more packages. What is needed of
it is one pattern over one page: the download is left to `requests`, the checks to esptool.

The site lists a board's files at /download/BOARD/ and keeps them at /resources/firmware/BOARD-YYYYMMDD-vVERSION.bin;
a variant stands between board and date (-SPIRAM, -OTA, -D2WD), a preview behind the version. It publishes neither
hashes nor signatures. So: that a file comes from MicroPython is shown by TLS alone; that it is whole, by the hashes
that it carries itself (`bench.esp32.merged_image`); that it is still the same file, by the SHA-256 beside it in the
cache, which must match at every use; and that it is the file somebody else used, by a SHA-256 that the caller gives.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from bench.board import Log
from bench.download import Progress, fetch
from bench.errors import InputError, ToolError
from bench.esp32.chips import Chip
from bench.esp32.micropython_firmware import SITE, MicroPythonFirmware, download_page, parse_firmware
from bench.files import write_atomically
from bench.labels import printable
from bench.side_by_side import held

LIST_S = 15.0
FILE_S = 300.0
LIST_BYTES = 4 * 2**20
FILE_BYTES = 16 * 2**20
_VERSION = re.compile(r"v?([0-9]{1,3})\.([0-9]{1,3})(?:\.([0-9]{1,3}))?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, order=True)
class Release:
    """One stable firmware file as its name tells it; they sort by version, then by date."""

    version: tuple[int, int, int]
    date: str  # 20250911
    name: str  # of the file

    @property
    def text(self) -> str:
        """v1.26.1"""
        return "v" + ".".join(map(str, self.version))


def fetch_firmware(
    chip: Chip,
    version: str | None,
    cache_dir: Path,
    log: Log,
    progress: Progress = lambda done, total: None,
    *,
    sha256: str | None = None,
    site: str = SITE,
) -> MicroPythonFirmware:
    """The official firmware of that version (1.26.1), or the newest stable one, from the cache where it is there.

    A version in the cache needs no network; for the newest the site is asked, and where it cannot be, the newest in the
    cache is taken and `log` told so. With `sha256`, no other file is used. InputError for a version that there is not,
    ToolError where nothing can be fetched or what came cannot be used; then the cache stays as it was.
    """
    wanted = None if version is None else _parsed_version(version, chip)
    if sha256 is not None and not _SHA256.fullmatch(sha256 := sha256.strip().lower()):
        raise InputError("a SHA-256 has 64 digits (0-9, a-f): give the whole of it")
    store = _Store(chip, cache_dir / "downloads" / "micropython-esp32", site, log, progress, sha256)
    lock = FileLock(store.folder / f"{chip.micropython_board}.lock")
    with ExitStack() as stack:
        with store.using_the_folder():
            store.folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(held(lock, lambda: log("another bench is fetching MicroPython: waiting for it")))
        return store.provide(wanted)


def listed_releases(page: str, board: str) -> list[Release]:
    """The stable releases that a page names for exactly that board, oldest first; of one version the last build."""
    pattern = rf"/resources/firmware/({re.escape(board)}-([0-9]{{8}})-({_VERSION.pattern})\.bin)(?![\w.-])"
    found = {Release(_numbers(*match.group(4, 5, 6)), match[2], match[1]) for match in re.finditer(pattern, page)}
    return list({release.version: release for release in sorted(found)}.values())


@dataclass(frozen=True)
class _Store:
    """One board's firmware in the cache and on the site, for one request."""

    chip: Chip
    folder: Path
    site: str
    log: Log
    progress: Progress
    sha256: str | None

    def provide(self, wanted: tuple[int, int, int] | None) -> MicroPythonFirmware:
        if wanted is not None:
            for release in self._cached():
                if release.version == wanted and (firmware := self._load(release)):
                    return firmware
        try:
            releases = self._list()
        except ToolError as error:
            if wanted is None:
                for release in self._cached():
                    if firmware := self._load(release):
                        self.log(f"{error}: taking the newest MicroPython in the cache, {release.text}")
                        return firmware
            raise self._advised(error) from error
        release = releases[-1] if wanted is None else self._choose(releases, wanted)
        return self._load(release) or self._download(release)

    # ---- The site

    def _list(self) -> list[Release]:
        page = download_page(self.chip, self.site)
        text = fetch(page, limit=LIST_BYTES, seconds=LIST_S).decode("utf-8", "replace")
        releases = listed_releases(text, self.chip.micropython_board)
        if not releases:
            raise ToolError(
                f"{page} lists no stable firmware for {self.chip.micropython_board} (a log-in page of your network?)"
            )
        return releases

    def _choose(self, releases: list[Release], wanted: tuple[int, int, int]) -> Release:
        for release in releases:
            if release.version == wanted:
                return release
        near = bisect_left([release.version for release in releases], wanted)
        known = ", ".join(release.text for release in releases[max(0, near - 3) : near + 3])
        asked, board = Release(wanted, "", "").text, self.chip.micropython_board
        raise InputError(f"there is no MicroPython {asked} for {board}; near it: {known}; newest: {releases[-1].text}")

    def _download(self, release: Release) -> MicroPythonFirmware:
        url = f"{self.site}/resources/firmware/{release.name}"
        self.log(f"fetching MicroPython {release.text} ({url})")
        try:
            data = fetch(url, limit=FILE_BYTES, seconds=FILE_S, progress=self.progress)
            firmware = self._parsed(data, release)
        except ToolError as error:
            raise self._advised(error) from error
        self._check_wanted(firmware.sha256, release)
        self._check_unchanged(firmware.sha256, release)
        # The hash first: a file without one is not used, one without a file shows when another is served later.
        with self.using_the_folder():
            write_atomically(self._record(release), f"{firmware.sha256}  {release.name}\n".encode())
            write_atomically(firmware.path, data)
        return firmware

    def _parsed(self, data: bytes, release: Release) -> MicroPythonFirmware:
        url = f"{self.site}/resources/firmware/{release.name}"
        try:
            firmware = parse_firmware(data, self.folder / release.name, self.chip, url)
        except InputError as error:
            raise ToolError(f"the site's file cannot be used: {error}") from error
        told = _VERSION.fullmatch(firmware.version)
        if told is None or _numbers(*told.group(1, 2, 3)) != release.version:
            raise ToolError(f"{release.name} says of itself that it is {firmware.version}: it was not used")
        if firmware.build_date.replace("-", "") != release.date:
            self.log(f"{release.name} says of itself that it was built on {firmware.build_date}")
        return firmware

    def _advised(self, error: ToolError) -> ToolError:
        return ToolError(f"{error}; or give --firmware FILE, downloaded from {download_page(self.chip)}")

    # ---- The cache

    @contextmanager
    def using_the_folder(self) -> Iterator[None]:
        """Turns what the system says of the cache's folder into a ToolError."""
        try:
            yield
        except OSError as error:
            raise ToolError(f"cannot keep firmware in {self.folder}: {error.strerror or error}") from error

    def _cached(self) -> list[Release]:
        """The releases that have a file and a recorded hash, newest first."""
        page = " ".join(f"/resources/firmware/{file.name}" for file in self.folder.glob("*.bin"))
        releases = listed_releases(page, self.chip.micropython_board)
        return [release for release in reversed(releases) if self._record(release).is_file()]

    def _load(self, release: Release) -> MicroPythonFirmware | None:
        """The cached firmware; None where there is none, or one that no longer matches its hash."""
        with self.using_the_folder():
            file = self.folder / release.name
            data = file.read_bytes() if file.exists() else None
            recorded = self._recorded(release)
        if data is None:
            return None
        if recorded is None or hashlib.sha256(data).hexdigest() != recorded:
            self.log(f"{release.name} in the cache does not match the SHA-256 beside it: it is not used")
            return None
        self._check_wanted(recorded, release)
        return self._parsed(data, release)

    def _record(self, release: Release) -> Path:
        return self.folder / f"{release.name}.sha256"

    def _recorded(self, release: Release) -> str | None:
        record = self._record(release)
        word = record.read_text(encoding="utf-8", errors="replace").partition(" ")[0] if record.exists() else ""
        return word if _SHA256.fullmatch(word) else None

    def _check_wanted(self, sha256: str, release: Release) -> None:
        if self.sha256 is not None and sha256 != self.sha256:
            raise ToolError(f"{release.name} has the SHA-256 {sha256}, wanted is {self.sha256}: it was not used")

    def _check_unchanged(self, sha256: str, release: Release) -> None:
        recorded = self._recorded(release)
        if recorded is not None and recorded != sha256:
            raise ToolError(
                f"{release.name} came with the SHA-256 {recorded} before and comes with {sha256} now, though a release "
                f"does not change: it was not used; to take it all the same, delete {self._record(release)}"
            )


def _parsed_version(version: str, chip: Chip) -> tuple[int, int, int]:
    if match := _VERSION.fullmatch(version.strip()):
        return _numbers(*match.group(1, 2, 3))
    shown = printable(version, 40)
    if "preview" in version or "unstable" in version:
        raise InputError(
            f"{shown}: previews are not fetched, since the site keeps only the last few and nobody could repeat a "
            f"figure; download it from {download_page(chip)} and give --firmware FILE"
        )
    raise InputError(f"no version {shown!r} of MicroPython: give one such as 1.26.1")


def _numbers(major: Any, minor: Any, micro: Any) -> tuple[int, int, int]:
    """Releases before 1.20 have no third number: 1.17 is 1.17.0."""
    return int(major), int(minor), int(micro or 0)
