"""Builds a program, and from it the binary that is flashed, with the real platform's names. Run by SCons."""

from pathlib import Path
from typing import Any

from SCons.Script import AlwaysBuild, Builder, Default, DefaultEnvironment

PREFIXES = {"esp32": "xtensa-esp32-elf", "esp32s3": "xtensa-esp32s3-elf", "esp32c3": "riscv32-esp-elf"}

env = DefaultEnvironment()
board = env.BoardConfig()
mcu = board.get("build.mcu")
prefix = PREFIXES[mcu]


def flash_mode(env: Any) -> str:
    """What the header of an image says; the bootloader switches to four lines itself."""
    return str(env.subst("$BOARD_FLASH_MODE")).replace("qio", "dio").replace("qout", "dout")


def flash_frequency(env: Any) -> str:
    return f"{int(str(env.subst('$BOARD_F_FLASH')).rstrip('L')) // 1_000_000}m"


options = "--flash-mode ${__flash_mode(__env__)} --flash-freq ${__flash_frequency(__env__)} --flash-size "
env.Replace(
    __flash_mode=flash_mode,
    __flash_frequency=flash_frequency,
    AR=f"{prefix}-ar",
    AS=f"{prefix}-gcc",
    CC=f"{prefix}-gcc",
    CXX=f"{prefix}-g++",
    LINK=f"{prefix}-gcc",
    RANLIB=f"{prefix}-ranlib",
    SIZETOOL=f"{prefix}-size",
    OBJCOPY=str(Path(env.PioPlatform().get_package_dir("tool-esptoolpy")) / "esptool.py"),
    ARFLAGS=["rcD"],
    SIZEPROGREGEXP=r"^(?:\.text|\.rodata|\.data)\s+(\d+).*",
    SIZEDATAREGEXP=r"^(?:\.data|\.bss)\s+(\d+).*",
    SIZECHECKCMD="$SIZETOOL -A -d $SOURCES",
    PROGSUFFIX=".elf",
    ESP32_APP_OFFSET=board.get("upload.offset_address", "0x10000"),
)
to_binary = (
    f'"$PYTHONEXE" "$OBJCOPY" --chip {mcu} elf2image {options}{board.get("upload.flash_size")} -o $TARGET $SOURCES'
)
env.Append(BUILDERS={"ElfToBin": Builder(action=env.VerboseAction(to_binary, "Building $TARGET"), suffix=".bin")})

program = env.BuildProgram()
firmware = env.ElfToBin(str(Path("$BUILD_DIR") / "${PROGNAME}"), program)
env.Depends(firmware, "checkprogsize")
AlwaysBuild(env.Alias("nobuild", firmware))
Default([env.Alias("buildprog", firmware, firmware)])
