"""Adds the core, the bootloader and the partition table, and tells where each is flashed. Run by SCons."""

from pathlib import Path

from SCons.Script import DefaultEnvironment

env = DefaultEnvironment()
board = env.BoardConfig()
mcu = board.get("build.mcu")
framework = Path(env.PioPlatform().get_package_dir("framework-arduinoespressif32"))
target = ["-mabi=ilp32f", "--specs=picolibc.specs"]

env.Append(
    ASFLAGS=["-march=rv32imfc_zicsr", "-mabi=ilp32f"],
    ASPPFLAGS=["-x", "assembler-with-cpp"],
    CFLAGS=["-std=gnu99"],
    CXXFLAGS=["-std=gnu++11", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"],
    CCFLAGS=[
        "-march=rv32imfc_zicsr",
        *target,
        "-ffunction-sections",
        "-fdata-sections",
        "-ggdb",
        "-Os",
    ],
    LINKFLAGS=["-march=rv32imfc", *target, "-nostartfiles", "-static", "-Wl,--gc-sections", "-Wl,-u,_start"],
    CPPDEFINES=[
        ("F_CPU", "$BOARD_F_CPU"),
        ("ARDUINO", 10812),
        "ARDUINO_ARCH_VIRTUAL",
        ("ARDUINO_BOARD", env.StringifyMacro(env["PIOENV"])),
    ],
    CPPPATH=[str(framework / "cores" / "esp32"), str(framework / "hal")],
    LIBS=["m"],
)
env.Replace(LDSCRIPT_PATH=str(framework / "hal" / "link.ld"))
core = env.BuildLibrary(str(Path("$BUILD_DIR") / "FrameworkArduino"), str(framework / "cores" / "esp32"))
hal = env.BuildLibrary(str(Path("$BUILD_DIR") / "hal"), str(framework / "hal"))
env.Prepend(LIBS=[core, hal])

bootloader = env.ElfToBin(
    str(Path("$BUILD_DIR") / "bootloader"), str(framework / f"bootloader_{env.subst('$BOARD_FLASH_MODE')}.elf")
)
env.Replace(PARTITIONS_TABLE_CSV=str(framework / "tools" / "partitions" / board.get("build.partitions", "default.csv")))
generator = framework / "tools" / "gen_esp32part.py"
partitions = env.Command(
    str(Path("$BUILD_DIR") / "partitions.bin"),
    "$PARTITIONS_TABLE_CSV",
    env.VerboseAction(f'"$PYTHONEXE" "{generator}" -q $SOURCE $TARGET', "Generating partitions $TARGET"),
)
env.Depends("$BUILD_DIR/$PROGNAME$PROGSUFFIX", [bootloader, partitions])
env.Append(
    FLASH_EXTRA_IMAGES=[
        ("0x1000" if mcu == "esp32" else "0x0000", str(bootloader[0])),
        ("0x8000", str(Path("$BUILD_DIR") / "partitions.bin")),
        ("0xe000", str(framework / "tools" / "partitions" / "boot_app0.bin")),
    ]
)
