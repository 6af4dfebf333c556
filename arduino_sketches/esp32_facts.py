"""Writes beside an ESP32 image what it was built with and what is to be flashed where. Run by SCons after the platform.

The offsets are those of PlatformIO's own upload: FLASH_EXTRA_IMAGES and ESP32_APP_OFFSET of the espressif32 platform.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import SCons

Import("env", "projenv")  # noqa: F821 (put there by PlatformIO)

FRAMEWORK = "framework-arduinoespressif32"


def stop(message: str) -> None:
    sys.stderr.write(f"Error: {message}\n")
    env.Exit(1)  # noqa: F821


def compile_flags() -> list[str]:
    """The flags that decide the code of the sketch; warnings and names of folders do not."""
    flags = [str(flag) for flag in env.Flatten([projenv["CXXFLAGS"], projenv["CCFLAGS"]])]  # noqa: F821
    return [flag for flag in flags if not flag.startswith(("-W", "-ffile-prefix-map"))]


def compiler() -> str:
    """What was really used, such as ``GCC 8.4.0 (crosstool-NG esp-2021r2-patch5)``."""

    def ask(option: str) -> str:
        command = [env.WhereIs(env.subst("$CXX")) or env.subst("$CXX"), option]  # noqa: F821
        return subprocess.run(command, env=env["ENV"], capture_output=True, text=True, check=True).stdout  # noqa: F821

    packaged = re.search(r"\([^()]*\)", ask("--version").splitlines()[0])
    return f"GCC {ask('-dumpfullversion').strip()}" + (f" {packaged[0]}" if packaged else "")


def core_version() -> str:
    """The core's version as its package numbers it: 3.20017.241212 is arduino-esp32 2.0.17."""
    package = env.PioPlatform().get_package_version(FRAMEWORK) or ""  # noqa: F821
    parts = re.match(r"3\.(\d)(\d\d)(\d\d)\.", package)
    number = ".".join(str(int(part)) for part in parts.groups()) if parts else "?"
    return f"arduino-esp32 {number} ({package})"


def flash_files() -> list[tuple[int, str]]:
    """Offset and file of everything that an upload writes, the program last."""
    files = [*env.get("FLASH_EXTRA_IMAGES", []), (env["ESP32_APP_OFFSET"], "$BUILD_DIR/${PROGNAME}.bin")]  # noqa: F821
    return [(int(env.subst(str(at)), 0), str(Path(env.subst(str(file))).resolve())) for at, file in files]  # noqa: F821


levels = [flag for flag in compile_flags() if re.fullmatch(r"-O\w*", flag)]
if len(levels) != 1:
    stop(f"the flags hold {' '.join(levels) or 'no optimisation'}, not one optimisation: has the platform changed?")
if not env.get("FLASH_EXTRA_IMAGES"):  # noqa: F821
    stop("the platform tells no bootloader and partition table (FLASH_EXTRA_IMAGES): has it changed?")
facts = {
    "compile_flags": compile_flags(),
    "compiler": compiler(),
    "core": core_version(),
    "scons": SCons.__version__,
    "partitions": Path(env.subst("$PARTITIONS_TABLE_CSV")).name,  # noqa: F821
    "flash_files": flash_files(),
}
Path(env.subst("$BUILD_DIR/${PROGNAME}.json")).write_text(json.dumps(facts), encoding="utf-8")  # noqa: F821
