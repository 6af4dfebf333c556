"""Sets what the build of an ESP32 image depends on beside platformio.ini. Run by SCons before the platform's scripts.

BENCH_OPTIMISATION  Os, O2 or O3 for the whole program: core, libraries, sketch (default: Os, as the core has it). The
                    SDK beneath the core comes compiled, as everybody gets it.
"""

import os
import sys

Import("env")  # noqa: F821 (put there by PlatformIO)

OPTIMISATIONS = ("Os", "O2", "O3")

optimisation = os.environ.get("BENCH_OPTIMISATION") or "Os"
if optimisation not in OPTIMISATIONS:
    sys.stderr.write(f"Error: optimisation {optimisation!r} is none of {', '.join(OPTIMISATIONS)}\n")
    env.Exit(1)  # noqa: F821
if optimisation != "Os":  # the core's scripts put -Os among the flags; what is to be taken away, they take away
    env.Append(BUILD_UNFLAGS=["-Os"], BUILD_FLAGS=[f"-{optimisation}"])  # noqa: F821

# The image is the same from whatever folder it is built, and wherever PlatformIO keeps its packages: the core's own
# messages and the debug information, whose hash is in the image, name source files.
for folder, name in (("$PROJECT_PACKAGES_DIR", "packages"), ("$PROJECT_DIR", ".")):
    env.Append(CCFLAGS=[f"-ffile-prefix-map={env.subst(folder)}={name}"])  # noqa: F821
