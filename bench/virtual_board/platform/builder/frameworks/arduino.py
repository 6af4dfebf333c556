"""Adds the Arduino core and the board support beneath it to a program. Run by SCons within PlatformIO."""

from pathlib import Path

from SCons.Script import DefaultEnvironment

env = DefaultEnvironment()

core = Path(env.PioPlatform().get_package_dir("framework-arduino-virtual"))
hal = core.parent / "hal"

env.Append(CPPPATH=[str(core), str(hal)])
env.Replace(LDSCRIPT_PATH=str(hal / "link.ld"))
env.Prepend(
    LIBS=[
        env.BuildLibrary("$BUILD_DIR/arduino_core", str(core)),
        env.BuildLibrary("$BUILD_DIR/hal", str(hal)),
    ]
)
