"""Stands in for PlatformIO's espressif32 platform, where that cannot be fetched: real images with RISC-V code in them.

It lies where the real one would, under its name and version, with packages named like the real ones, and it tells what
is to be flashed in the real one's way. Its compiler is that of the virtual boards and its core theirs, so that its
program runs in QEMU whatever chip it is for.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import subprocess
from pathlib import Path

from bench import paths
from bench.virtual_board.toolchain import PREFIX

HERE = Path(__file__).parent
VERSION = "6.13.0"
CORE_VERSION = "3.20017.241212+sha.dcc1105b"
TOOLCHAIN_VERSION = "8.4.0+2021r2-patch5"
TOOLCHAINS = {"xtensa-esp32-elf": "toolchain-xtensa-esp32", "xtensa-esp32s3-elf": "toolchain-xtensa-esp32s3"} | {
    "riscv32-esp-elf": "toolchain-riscv32-esp"
}
BOARDS = {"esp32dev": "esp32", "esp32-s3-devkitc-1": "esp32s3", "esp32-c3-devkitm-1": "esp32c3"}
PARTITIONS = """\
# Name,   Type, SubType, Offset,  Size, Flags
nvs,      data, nvs,     0x9000,  0x5000,
otadata,  data, ota,     0xe000,  0x2000,
app0,     app,  ota_0,   0x10000, 0x140000,
app1,     app,  ota_1,   0x150000,0x140000,
spiffs,   data, spiffs,  0x290000,0x160000,
coredump, data, coredump,0x3F0000,0x10000,
"""


def install(core_dir: Path) -> Path:
    """Put the platform and its packages into a folder for PLATFORMIO_CORE_DIR, as if PlatformIO had fetched them."""
    _install_platform(core_dir / "platforms" / "espressif32")
    packages = core_dir / "packages"
    _install_core(packages / "framework-arduinoespressif32")
    for prefix, name in TOOLCHAINS.items():
        _install_toolchain(packages / name, prefix)
    _install_package(packages / "tool-esptoolpy", "1.40501.0", "platformio")
    shutil.copy2(HERE / "esptool_script.py", packages / "tool-esptoolpy" / "esptool.py")
    engine = paths.PROJECT / "bench" / "virtual_board" / "platform" / "tool-scons"
    shutil.copytree(engine, packages / "tool-scons", ignore=shutil.ignore_patterns("__pycache__"))
    _install_package(
        packages / "tool-scons", json.loads((engine / "package.json").read_text())["version"], "platformio"
    )
    return core_dir


def _install_platform(folder: Path) -> None:
    (folder / "builder" / "frameworks").mkdir(parents=True)
    shutil.copy2(HERE / "espressif32_platform.py", folder / "platform.py")
    shutil.copy2(HERE / "espressif32_main.py", folder / "builder" / "main.py")
    shutil.copy2(HERE / "espressif32_arduino.py", folder / "builder" / "frameworks" / "arduino.py")
    packages: dict[str, dict[str, object]] = {
        name: {"type": "toolchain", "optional": True, "owner": "espressif", "version": TOOLCHAIN_VERSION}
        for name in TOOLCHAINS.values()
    }
    packages["framework-arduinoespressif32"] = {
        "type": "framework",
        "optional": True,
        "owner": "platformio",
        "version": "~3.20017.0",
    }
    packages["tool-esptoolpy"] = {"type": "uploader", "owner": "platformio", "version": "~1.40501.0"}
    framework = {"package": "framework-arduinoespressif32", "script": "builder/frameworks/arduino.py"}
    manifest: dict[str, object] = {
        "name": "espressif32",
        "title": "Espressif 32",
        "description": "A stand-in for tests",
        "version": VERSION,
    }
    manifest |= {"engines": {"platformio": "^6"}, "frameworks": {"arduino": framework}, "packages": packages}
    (folder / "platform.json").write_text(json.dumps(manifest))
    _write_metadata(folder, "platform", VERSION, "platformio")
    (folder / "boards").mkdir()
    for name, mcu in BOARDS.items():
        build = {"mcu": mcu, "core": "esp32", "variant": mcu, "f_cpu": "80000000L", "f_flash": "20000000L"}
        build |= {"flash_mode": "dout", "extra_flags": "-DARDUINO_STAND_IN"}  # what platformio.ini does not set, shows
        board: dict[str, object] = {
            "name": name,
            "frameworks": ["arduino"],
            "vendor": "tests",
            "url": "",
            "build": build,
        }
        upload = {"flash_size": "8MB", "maximum_ram_size": 8388608, "maximum_size": 8388608, "protocol": "esptool"}
        (folder / "boards" / f"{name}.json").write_text(json.dumps(board | {"upload": upload}))


def _install_core(folder: Path) -> None:
    virtual_board = paths.PROJECT / "bench" / "virtual_board"
    shutil.copytree(virtual_board / "arduino_core", folder / "cores" / "esp32")
    shutil.copytree(virtual_board / "hal", folder / "hal")
    partitions = folder / "tools" / "partitions"
    partitions.mkdir(parents=True)
    (partitions / "default.csv").write_text(PARTITIONS)
    (partitions / "boot_app0.bin").write_bytes(_boot_app0())
    shutil.copy2(HERE / "partition_table.py", folder / "tools" / "gen_esp32part.py")
    source = folder / "bootloader.S"
    source.write_text(".globl _start\n_start: j _start\n")
    target = ["-march=rv32imc", "-mabi=ilp32", "-nostdlib", "-static", "-Wl,-Ttext=0x80000000"]
    for mode in ("dio", "qio"):
        elf = folder / f"bootloader_{mode}.elf"
        subprocess.run([f"{PREFIX}gcc", *target, str(source), "-o", str(elf)], check=True)
    _install_package(folder, CORE_VERSION, "platformio")


def _boot_app0() -> bytes:
    """What selects the first app partition: a sector with sequence number 1 and its CRC, and an empty one."""
    entry = struct.pack("<I24sI", 1, b"\xff" * 24, 0x4743989A)
    return entry.ljust(0x2000, b"\xff")


def _install_toolchain(folder: Path, prefix: str) -> None:
    (folder / "bin").mkdir(parents=True)
    for tool in ("gcc", "g++", "ar", "ranlib", "size"):
        script = folder / "bin" / f"{prefix}-{tool}"
        script.write_text(f'#!/bin/sh\nexec {PREFIX}{tool} "$@"\n')
        script.chmod(0o755)
    _install_package(folder, TOOLCHAIN_VERSION, "espressif")


def _install_package(folder: Path, version: str, owner: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"name": folder.name, "version": version}))
    _write_metadata(folder, "tool", version, owner)


def _write_metadata(folder: Path, kind: str, version: str, owner: str) -> None:
    """What PlatformIO leaves in a package that it has installed."""
    spec = {"owner": owner, "id": None, "name": folder.name, "requirements": None, "uri": None}
    metadata = {"type": kind, "name": folder.name, "version": version, "spec": spec}
    (folder / ".piopm").write_text(json.dumps(metadata))


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
