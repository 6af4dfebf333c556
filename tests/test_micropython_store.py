"""MicroPython's firmware files: made with esptool, read, checked, and fetched from a real server on this computer."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import itertools
import os
import socket
import ssl
import string
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench import download, paths
from bench.errors import BenchError, InputError, ToolError
from bench.esp32 import firmware_store
from bench.esp32.chips import CHIPS, Chip
from bench.esp32.firmware_store import fetch_firmware, listed_releases
from bench.esp32.micropython_firmware import SITE, MicroPythonFirmware, download_page, parse_firmware, read_firmware
from tests.merged_firmware import PROGRAM_AT, PROGRAM_SIZE, ROWS, TABLE_AT, Merged, esp_image, partition_table

ESP32, S3, C3 = CHIPS["esp32"], CHIPS["esp32s3"], CHIPS["esp32c3"]
FILE = Merged(ESP32)
CONTENT = FILE.content


@pytest.fixture(autouse=True)
def _nothing_printed(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """esptool's own words reach neither stdout nor stderr, in any test."""
    yield
    assert capfd.readouterr() == ("", "")


def parsed(content: bytes, chip: Chip = ESP32) -> MicroPythonFirmware:
    return parse_firmware(content, Path("firmware.bin"), chip, "test")


def refused(content: bytes, chip: Chip = ESP32) -> str:
    """The one line that a person gets for such a file."""
    with pytest.raises(InputError) as caught:
        parsed(content, chip)
    assert "\n" not in str(caught.value)
    assert str(caught.value).isprintable()
    return str(caught.value)


# ---- Reading a file


@pytest.mark.parametrize("chip", CHIPS.values(), ids=list(CHIPS))
def test_a_file_tells_what_it_is(chip: Chip, tmp_path: Path) -> None:
    file = tmp_path / "renamed.bin"
    file.write_bytes(Merged(chip).content)
    assert read_firmware(file, chip) == MicroPythonFirmware(
        path=file,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        version="v1.26.1",
        build_date="2025-09-11",
        banner="MicroPython v1.26.1 on 2025-09-11",
        machine="Generic ESP32 module with ESP32",
        source="file renamed.bin",
        offset=chip.image_offset,
        idf_version="v5.4.2",
    )


def test_a_file_that_the_real_tools_made(tmp_path: Path) -> None:
    (tmp_path / "program.c").write_text(
        """
        struct description {
            unsigned magic, secure; char reserved[8], version[32], project[32], time[16], date[16], idf[32], rest[112];
        };
        __attribute__((section(".flash.appdesc"), used)) static const struct description description = {
            0xabcd5432, 0, "", "v1.27.0-dirty", "micropython", "", "", "v5.5.1", "" };
        __attribute__((section(".rodata"), used)) static const char banner[] =
            "MicroPython v1.27.0-preview.146.g0ad1d29747-dirty on 2025-10-01";
        __attribute__((section(".rodata"), used)) static const char machine[] = "; ESP32C3 module with ESP32C3";
        void _start(void) { for (;;); }
        """
    )
    (tmp_path / "program.ld").write_text(
        "SECTIONS { .rodata 0x3c000020 : { *(.flash.appdesc) *(.rodata*) } .text 0x42010020 : { *(.text*) }"
        " /DISCARD/ : { *(.comment) *(.riscv.attributes) } }"
    )

    def run(*command: str) -> None:
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    esptool = (sys.executable, "-m", "esptool", "--chip", "esp32c3")
    flags = ("-march=rv32imc", "-mabi=ilp32", "-nostdlib", "-T", "program.ld")
    run("riscv64-unknown-elf-gcc", *flags, "program.c", "-o", "program.elf")
    run(*esptool, "elf2image", "--flash-size", "4MB", "-o", "program.bin", "program.elf")
    (tmp_path / "bootloader.bin").write_bytes(Merged(C3).bootloader)
    (tmp_path / "table.bin").write_bytes(partition_table())
    parts = ("0x0", "bootloader.bin", "0x8000", "table.bin", "0x10000", "program.bin")
    run(*esptool, "merge-bin", "-o", "merged.bin", *parts)

    firmware = read_firmware(tmp_path / "merged.bin", C3)
    assert firmware.version == "v1.27.0-preview.146.g0ad1d29747-dirty"
    assert (firmware.build_date, firmware.machine) == ("2025-10-01", "ESP32C3 module with ESP32C3")
    assert firmware.idf_version == "v5.5.1"
    assert "without its bootloader" in refused((tmp_path / "program.bin").read_bytes(), C3)
    assert ".elf" in refused((tmp_path / "program.elf").read_bytes(), C3)


WRONG_FILES = {
    "empty": (b"", "is empty"),
    "uf2": (b"UF2\nWQ]\x9e" + bytes(504), "is a .uf2"),
    "zip": (b"PK\x03\x04" + bytes(100), "is a .zip"),
    "gz": (b"\x1f\x8b\x08" + bytes(100), "is a .gz"),
    "hex": (b":020000040000FA\n", "is a .hex"),
    "web page": (b"\r\n<!DOCTYPE html><title>Log in</title>", "is a web page"),
    "text": (b"not a firmware", "it begins with 0x6e, not 0xe9"),
    "one byte": (b"\xe9", "ends after 1 bytes"),
    "bootloader alone": (FILE.bootloader, "a bootloader alone"),
    "program alone": (FILE.program, "without its bootloader"),
    "flashed at 0": (b"\xff" * 0x1000 + CONTENT, "made to be flashed at 0x0"),
    "cut in the table": (CONTENT[: TABLE_AT - 0x1000 + 64], "before its partition table does"),
    "cut before the program": (CONTENT[: PROGRAM_AT - 0x1000], "no program at 0x10000"),
    "cut in the program": (CONTENT[:-1], "(its program) is damaged"),
    "other chip": (Merged(C3).content, "is for ESP32-C3, the board is an ESP32: take the one for ESP32_GENERIC"),
    "copy of a flash": (CONTENT.ljust(PROGRAM_AT + PROGRAM_SIZE, b"\xff"), "a copy of a board's flash"),
    "no MicroPython": (Merged(ESP32, version="4.0").content, "no MicroPython (it is micropython 4.0)"),
    "two versions": (Merged(ESP32, texts=b"MicroPython v1.2 on 2015-01-01").content, "tells 2 versions"),
}


@pytest.mark.parametrize("content, words", WRONG_FILES.values(), ids=list(WRONG_FILES))
def test_a_wrong_file_is_named(content: bytes, words: str) -> None:
    assert words in refused(content)


def test_the_bootloader_and_the_program_must_be_for_the_same_chip() -> None:
    at = PROGRAM_AT - 0x1000
    assert "its program) is for ESP32-S3" in refused(CONTENT[:at] + Merged(S3).program)


def test_an_image_without_a_hash_is_refused() -> None:
    bare = esp_image(ESP32, [(0x3FFF0018, bytes(512))], append_digest=False)
    assert "carries no SHA-256" in refused(bare + CONTENT[len(bare) :])


WRONG_TABLES = {
    "no MD5": (partition_table(md5=False), "does not match its own MD5"),
    "no rows": (b"\xff" * 0xC00, "does not match its own MD5"),
    "no program": (partition_table(ROWS[:2]), "no partition for a program"),
    "rubbish": (bytes(0xC00), "no whole partition table (row 0)"),
    "row behind the MD5": (partition_table()[:160] + partition_table()[:32].ljust(0xC00 - 160, b"\xff"), "(row 5)"),
    "program in the table": (partition_table(((0, 0, 0x8000, 0x1000, b"a"),)), "no program at 0x8000"),
    "program before the file": (partition_table(((0, 0, 0, 0x1000, b"a"),)), "no program at 0x0"),
    "program far away": (partition_table(((0, 0, 0xFFFF0000, 0xFFFFFFFF, b"a"),)), "no program at 0xffff0000"),
}


@pytest.mark.parametrize("table, words", WRONG_TABLES.values(), ids=list(WRONG_TABLES))
def test_a_wrong_partition_table_is_named(table: bytes, words: str) -> None:
    assert words in refused(replace(FILE, table=table).content)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*absent\.bin: No such file"):
        read_firmware(tmp_path / "absent.bin", ESP32)
    with pytest.raises(InputError, match="cannot read"):
        read_firmware(tmp_path, ESP32)
    with (tmp_path / "huge.bin").open("wb") as huge:
        huge.truncate(20 * 2**20)
    with pytest.raises(InputError, match="larger than 16 MB"):
        read_firmware(tmp_path / "huge.bin", ESP32)


def covered(at: int) -> bool:
    """Whether a byte is part of what the file's own hashes cover; the rest is filler, which no chip reads."""
    in_flash = at + ESP32.image_offset
    rows_end = TABLE_AT + 32 * (len(ROWS) + 1) + 2  # with the hash and the mark of the end
    return (
        at < len(FILE.bootloader)
        or (TABLE_AT <= in_flash < rows_end and not TABLE_AT + 130 <= in_flash < TABLE_AT + 144)
        or in_flash >= PROGRAM_AT
    )


@given(st.data(), st.integers(1, 255))
def test_any_changed_byte_is_refused_or_is_filler(data: st.DataObject, flip: int) -> None:
    starts = (0, len(FILE.bootloader), TABLE_AT - 0x1000, PROGRAM_AT - 0x1000, len(CONTENT))
    part = data.draw(st.sampled_from([*itertools.pairwise(starts)]))
    at = data.draw(st.integers(part[0], part[1] - 1))
    changed = bytearray(CONTENT)
    changed[at] ^= flip
    if covered(at):
        refused(bytes(changed))
    else:
        assert replace(parsed(bytes(changed)), sha256="") == replace(parsed(CONTENT), sha256="")


@given(st.integers(0, len(CONTENT) - 1))
def test_any_cut_is_refused(length: int) -> None:
    refused(CONTENT[:length])


@given(st.binary(max_size=2000), st.booleans())
def test_rubbish_is_refused_in_one_line(rubbish: bytes, with_table: bool) -> None:
    start = b"\xe9" + rubbish
    assume(not CONTENT.startswith(start))
    refused(start + CONTENT[len(start) :] if with_table else rubbish)


# ---- The listing


def test_only_this_boards_stable_releases_are_taken_newest_last() -> None:
    page = "".join(
        f'<a href="/resources/firmware/{name}">{name}</a>'
        for name in (
            "ESP32_GENERIC-20251209-v1.27.0.bin",
            "ESP32_GENERIC-20251209-v1.27.0.app-bin",
            "ESP32_GENERIC-20251209-v1.27.0.elf",
            "ESP32_GENERIC-20210902-v1.17.bin",
            "ESP32_GENERIC-20250911-v1.26.1.bin",
            "ESP32_GENERIC-20180511-v1.9.4.bin",
            "ESP32_GENERIC-20180512-v1.9.4.bin",
            "ESP32_GENERIC-20260101-v1.28.0-preview.146.g0ad1d29747.bin",
            "ESP32_GENERIC-20190101-unstable-v1.29.bin",
            "ESP32_GENERIC-SPIRAM-20260101-v1.28.0.bin",
            "ESP32_GENERIC-OTA-20260101-v1.28.0.bin",
            "ESP32_GENERIC-D2WD-20260101-v1.28.0.bin",
            "ESP32_GENERIC-UNICORE-20260101-v1.28.0.bin",
            "ESP32_GENERIC_S3-20260101-v1.28.0.bin",
            "ESP32_GENERIC-20260101-v1.28.0.bin.sig",
            "../ESP32_GENERIC-20260101-v1.28.0.bin",
        )
    )
    found = [release.name for release in listed_releases(page, "ESP32_GENERIC")]
    assert found == [
        "ESP32_GENERIC-20180512-v1.9.4.bin",
        "ESP32_GENERIC-20210902-v1.17.bin",
        "ESP32_GENERIC-20250911-v1.26.1.bin",
        "ESP32_GENERIC-20251209-v1.27.0.bin",
    ]
    assert [release.name for release in listed_releases(page, "ESP32_GENERIC_S3")] == [
        "ESP32_GENERIC_S3-20260101-v1.28.0.bin"
    ]


@given(
    st.lists(st.one_of(st.text(), st.sampled_from(["/resources/firmware/ESP32_GENERIC-", "20250911", "-v", ".bin"])))
)
def test_any_page_gives_names_that_are_safe(parts: list[str]) -> None:
    for release in listed_releases("".join(parts), "ESP32_GENERIC"):
        assert set(release.name) <= set(string.ascii_letters + string.digits + "-_.")


# ---- A site on this computer


class Handler(BaseHTTPRequestHandler):
    """Answers as the test's site says."""

    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        answer = self.server.answers.get(self.path)
        if callable(answer):
            answer(self)
        elif answer is None:
            self.send_error(404)
        else:
            self.answer(answer)

    def answer(self, content: bytes, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None: ...


Answer = bytes | Callable[[Handler], None]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def offer(self, chip: Chip, *names: str) -> None:
        """List these files of a board."""
        links = "".join(f'<li><a href="/resources/firmware/{name}">{name}</a>' for name in names)
        self.answers[f"/download/{chip.micropython_board}/"] = f"<html>{links}".encode()

    def handle_error(self, request: object, client_address: object) -> None:  # a client that has gone away
        ...


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


NAME = "ESP32_GENERIC-20250911-v1.26.1.bin"
OLD = "ESP32_GENERIC-20250415-v1.25.0.bin"
FILE_PATH = f"/resources/firmware/{NAME}"


class Bench:
    """One computer with a cache, and the site."""

    def __init__(self, cache: Path, server: Server) -> None:
        self.cache = cache
        self.server = server
        self.logged: list[str] = []
        self.progress: list[tuple[int, int]] = []
        server.offer(ESP32, NAME, OLD)
        server.answers[FILE_PATH] = CONTENT
        server.answers[f"/resources/firmware/{OLD}"] = Merged(ESP32, "v1.25.0", "2025-04-15").content

    @property
    def folder(self) -> Path:
        return self.cache / "downloads" / "micropython-esp32"

    @property
    def kept(self) -> set[str]:
        """What lies in the cache, locks aside."""
        return (
            {file.name for file in self.folder.iterdir() if file.suffix != ".lock"} if self.folder.exists() else set()
        )

    def fetch(self, version: str | None = None, sha256: str | None = None, site: str = "") -> MicroPythonFirmware:
        return fetch_firmware(
            ESP32,
            version,
            self.cache,
            self.logged.append,
            lambda done, total: self.progress.append((done, total)),
            sha256=sha256,
            site=site or self.server.site,
        )

    def fails(self, version: str | None = None, sha256: str | None = None, site: str = "") -> str:
        """The one line with which it fails, within seconds, leaving the cache as it was."""
        before, start = self.kept, time.monotonic()
        with pytest.raises(BenchError) as caught:
            self.fetch(version, sha256, site)
        assert self.kept == before
        assert time.monotonic() - start < 8
        line = str(caught.value)
        assert "\n" not in line and line.isprintable()
        return line


@pytest.fixture
def bench(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Bench:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return Bench(tmp_path / "a cache", server)


@pytest.fixture
def nowhere() -> str:
    """A site that nobody serves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_the_newest_is_fetched_once_and_recorded(bench: Bench) -> None:
    firmware = bench.fetch()
    assert firmware.version == "v1.26.1" and firmware.source == f"{bench.server.site}{FILE_PATH}"
    assert firmware.path.read_bytes() == CONTENT
    assert firmware.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert bench.kept == {NAME, f"{NAME}.sha256"}
    assert (bench.folder / f"{NAME}.sha256").read_text() == f"{firmware.sha256}  {NAME}\n"  # as sha256sum -c reads it
    assert bench.progress[-1] == (len(CONTENT), len(CONTENT))
    assert bench.logged == [f"fetching MicroPython v1.26.1 ({firmware.source})"]
    assert bench.fetch() == firmware
    assert bench.server.asked.count(FILE_PATH) == 1


@pytest.mark.parametrize("version", ["1.25.0", "v1.25.0", "1.25", " 1.25.0 "])
def test_an_exact_version_in_the_cache_needs_no_network(bench: Bench, nowhere: str, version: str) -> None:
    firmware = bench.fetch("1.25.0")
    assert firmware.version == "v1.25.0"
    assert bench.fetch(version, site=nowhere) == replace(
        firmware, source=firmware.source.replace(bench.server.site, nowhere)
    )


@pytest.mark.parametrize("answer", [None, b"<html>Please log in"], ids=["no network", "log-in page"])
def test_without_the_site_the_newest_in_the_cache_is_taken_and_named(
    bench: Bench, nowhere: str, answer: bytes | None
) -> None:
    bench.fetch("1.25.0")
    bench.logged.clear()
    if answer is not None:
        bench.server.answers[f"/download/{ESP32.micropython_board}/"] = answer
    assert bench.fetch(site=nowhere if answer is None else "").version == "v1.25.0"
    assert "taking the newest MicroPython in the cache, v1.25.0" in bench.logged[0]


def test_without_network_and_cache_the_way_out_is_named(bench: Bench, nowhere: str) -> None:
    line = bench.fails(site=nowhere)
    assert line == (
        "no network: 127.0.0.1 cannot be reached; or give --firmware FILE, downloaded from "
        "https://micropython.org/download/ESP32_GENERIC/"
    )
    bench.fetch()
    assert "no network" in bench.fails("1.25.0", site=nowhere)


def test_the_official_site_answers_or_fails_within_seconds(bench: Bench) -> None:
    try:
        firmware = bench.fetch(site=SITE)
    except ToolError as error:
        assert "--firmware FILE, downloaded from https://micropython.org/download/ESP32_GENERIC/" in str(error)
    else:
        assert firmware.machine.endswith("with ESP32")


def test_an_unknown_version_names_its_neighbours(bench: Bench) -> None:
    assert bench.fails("1.26.9") == (
        "there is no MicroPython v1.26.9 for ESP32_GENERIC; near it: v1.25.0, v1.26.1; newest: v1.26.1"
    )


@pytest.mark.parametrize(
    "version, words",
    [
        ("1.27.0-preview.100", "previews are not fetched"),
        ("newest", "give one such as 1.26.1"),
        ("", "give one such as 1.26.1"),
        ("../../etc/passwd\x1b[2J", "give one such as 1.26.1"),
    ],
)
def test_a_version_that_is_none(bench: Bench, version: str, words: str) -> None:
    assert words in bench.fails(version)
    assert bench.server.asked == []


def test_a_hash_that_a_person_gives_is_enforced(bench: Bench) -> None:
    right, wrong = hashlib.sha256(CONTENT).hexdigest(), "0" * 64
    assert f"has the SHA-256 {right}, wanted is {wrong}" in bench.fails(sha256=wrong)
    assert bench.fetch(sha256=right.upper()).sha256 == right
    assert f"wanted is {wrong}" in bench.fails(sha256=wrong)  # now from the cache
    assert "64 digits" in bench.fails(sha256=right[:10])


def test_a_damaged_file_in_the_cache_is_fetched_anew(bench: Bench) -> None:
    firmware = bench.fetch()
    firmware.path.write_bytes(CONTENT[:-1])
    assert bench.fetch() == firmware
    assert firmware.path.read_bytes() == CONTENT
    assert "does not match the SHA-256 beside it" in bench.logged[1]
    (bench.folder / f"{NAME}.sha256").unlink()
    assert bench.fetch() == firmware
    assert bench.server.asked.count(FILE_PATH) == 3


def test_a_release_that_changed_on_the_site_is_not_used_silently(bench: Bench) -> None:
    firmware = bench.fetch()
    firmware.path.unlink()
    bench.server.answers[FILE_PATH] = Merged(ESP32, texts=b"other").content
    line = bench.fails()
    assert f"came with the SHA-256 {firmware.sha256} before" in line
    (bench.folder / f"{NAME}.sha256").unlink()  # as the message says
    assert bench.fetch().sha256 != firmware.sha256


def slowly(content: bytes, pause_s: float = 0.05) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        for byte in content:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(pause_s)

    return answer


def sent(raw: bytes, then_s: float = 0) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.wfile.write(raw)
        time.sleep(then_s)

    return answer


def moved(to: str) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


HEADER = b"HTTP/1.0 200 OK\r\nContent-Length: 70000\r\n"
BAD_DOWNLOADS: dict[str, tuple[Answer, str]] = {
    "not found": (lambda handler: handler.send_error(404), "answers 404 (Not Found)"),
    "server's fault": (lambda handler: handler.send_error(503), "answers 503"),
    "web page": (b"<html>Please log in</html>", "is a web page"),
    "empty": (b"", "is empty"),
    "cut by the server": (CONTENT[:5000], "cut off"),
    "cut on the way": (
        lambda handler: handler.answer(CONTENT[:5000], len(CONTENT)),
        f"4096 of {len(CONTENT)} bytes came",
    ),
    "damaged": (CONTENT[:200] + b"!" + CONTENT[201:], "its content does not match its own SHA-256"),
    "other chip": (Merged(S3).content, "is for ESP32-S3"),
    "other version": (Merged(ESP32, "v1.25.0").content, "says of itself that it is v1.25.0"),
    "preview": (Merged(ESP32, "v1.26.1-preview.3").content, "says of itself that it is v1.26.1-preview.3"),
    "announced too large": (lambda handler: handler.answer(b"", 2**40), "sends 1099511627776 bytes or more"),
    "too large unannounced": (sent(HEADER[:17] + b"\r\n" + bytes(2**21)), "sends 10"),
    "silent": (lambda handler: time.sleep(6), "did not answer within 1 s"),
    "silent in the middle": (sent(HEADER + b"\r\n\xe9", then_s=6), "broke off (0 of 70000 bytes came)"),
    "trickling": (slowly(HEADER + b"\r\n" + CONTENT), "took longer than 3 s"),
    "trickling header": (slowly(HEADER + b"X: y\r\n" * 500), "took longer than 3 s (it did not answer)"),
    "no HTTP": (sent(b"SSH-2.0-OpenSSH\r\n"), "ended the connection without an answer"),
    "moved to plain http": (
        moved("http://example.org/firmware.bin"),
        "without https, to 'http://example.org/firmware.bin'",
    ),
    "moved to a file": (moved("file:///etc/passwd"), "without https"),
    "moved in a circle": (moved(FILE_PATH), "without end"),
    "moved to rubbish": (moved("https://[::1/\x01"), "cannot be asked"),
}


@pytest.mark.parametrize("answer, words", BAD_DOWNLOADS.values(), ids=list(BAD_DOWNLOADS))
def test_a_bad_download_is_one_line_and_leaves_nothing(
    bench: Bench, answer: Answer, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firmware_store, "FILE_S", 3)
    monkeypatch.setattr(firmware_store, "FILE_BYTES", 2**20)
    monkeypatch.setattr(download, "QUIET_S", 1)
    bench.server.answers[FILE_PATH] = answer
    line = bench.fails("1.26.1")
    assert words in line
    assert "--firmware FILE" in line
    assert bench.kept == set()


def test_a_move_on_the_same_server_is_followed(bench: Bench) -> None:
    bench.server.answers["/elsewhere.bin"] = CONTENT
    bench.server.answers[FILE_PATH] = moved("/elsewhere.bin")
    assert bench.fetch().version == "v1.26.1"


def test_plain_http_is_spoken_to_this_computer_only(bench: Bench) -> None:
    assert "without https" in bench.fails(site="http://micropython.org")


def test_a_dead_proxy_is_named(bench: Bench, nowhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", nowhere)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert "check HTTPS_PROXY" in bench.fails(site="https://micropython.example")


def test_a_date_that_differs_is_logged(bench: Bench) -> None:
    bench.server.answers[FILE_PATH] = Merged(ESP32, date="2025-09-12").content
    assert bench.fetch().build_date == "2025-09-12"
    assert bench.logged[-1] == f"{NAME} says of itself that it was built on 2025-09-12"


def test_a_cache_that_cannot_be_written(bench: Bench) -> None:
    bench.cache.write_text("a file where the folder should be")
    with pytest.raises(ToolError, match="cannot keep firmware in"):
        bench.fetch()


def test_an_interrupt_while_fetching_leaves_nothing(bench: Bench) -> None:
    bench.server.answers[FILE_PATH] = slowly(HEADER + b"\r\n" + CONTENT)

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_firmware(ESP32, None, bench.cache, bench.logged.append, interrupt, site=bench.server.site)
    assert bench.kept == set()


def test_two_processes_fetch_it_once(bench: Bench) -> None:
    program = (
        "import sys; from pathlib import Path; from bench.esp32.chips import CHIPS\n"
        "from bench.esp32.firmware_store import fetch_firmware\n"
        "print(fetch_firmware(CHIPS['esp32'], '1.26.1', Path(sys.argv[1]), lambda text: None, site=sys.argv[2]).sha256)"
    )

    def answer(handler: Handler) -> None:
        time.sleep(0.5)
        handler.answer(CONTENT)

    bench.server.answers[FILE_PATH] = answer
    command = [sys.executable, "-c", program, str(bench.cache), bench.server.site]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=paths.PROJECT, env=os.environ)
        for _ in range(2)
    ]
    told = {process.communicate(timeout=30)[0].strip() for process in both}
    assert told == {hashlib.sha256(CONTENT).hexdigest()}
    assert bench.server.asked.count(FILE_PATH) == 1


def test_nothing_heavy_is_imported_until_it_is_used() -> None:
    program = "import sys, bench.esp32.firmware_store; print({'esptool', 'requests'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=paths.PROJECT, check=True
    )
    assert done.stdout.strip() == "set()"


# ---- TLS


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of its own for 127.0.0.1, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "certificate.pem"
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return file


def test_an_unknown_certificate_is_refused_and_a_given_one_is_taken(
    bench: Bench, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    bench.server.socket = context.wrap_socket(bench.server.socket, server_side=True)
    site = bench.server.site.replace("http:", "https:")
    assert "set REQUESTS_CA_BUNDLE to the certificates of your network" in bench.fails(site=site)
    assert bench.server.asked == []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert bench.fetch(site=site).source == f"{site}{FILE_PATH}"
    bench.server.answers[f"/resources/firmware/{OLD}"] = moved(f"http://127.0.0.1:{bench.server.server_port}/x")
    assert "without https" in bench.fails("1.25.0", site=site)


def test_the_page_for_a_person() -> None:
    assert download_page(C3) == "https://micropython.org/download/ESP32_GENERIC_C3/"
