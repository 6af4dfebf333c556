#!/bin/sh
# Installs the system packages that are missing (Debian, Ubuntu), as root or with sudo: those that the virtual board
# needs, and with the argument `test` those that only tests need. The latter may stay away: their tests are skipped then.
set -eu

wanted="${1:-}"
missing=""
if [ "$wanted" = test ]; then
    # The sketches are also compiled with other cores and for other processors, see tests/test_avr_compile.py.
    command -v avr-g++ >/dev/null || missing="$missing gcc-avr"
    [ -d /usr/lib/avr/include ] || missing="$missing avr-libc"
    [ -d /usr/share/arduino/hardware/arduino/avr ] || missing="$missing arduino-core-avr"
    command -v qemu-system-avr >/dev/null || missing="$missing qemu-system-misc"
    command -v xtensa-lx106-elf-g++ >/dev/null || missing="$missing gcc-xtensa-lx106"
    command -v g++ >/dev/null || missing="$missing g++"
else
    command -v qemu-system-riscv32 >/dev/null || missing="$missing qemu-system-misc"
    command -v riscv64-unknown-elf-gcc >/dev/null || missing="$missing gcc-riscv64-unknown-elf"
    if command -v riscv64-unknown-elf-gcc >/dev/null; then
        [ -e "$(riscv64-unknown-elf-gcc -print-file-name=picolibc.specs)" ] || missing="$missing picolibc-riscv64-unknown-elf"
    else
        missing="$missing picolibc-riscv64-unknown-elf"
    fi
    # For the profiler of `bench anatomy`, a plugin that QEMU loads.
    if ! printf '#include <stdio.h>\n' | cc -E - >/dev/null 2>&1; then
        missing="$missing gcc libc6-dev"
    fi
    [ -d .venv ] || "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
fi
[ -n "$missing" ] || exit 0

# Ends the script where a package cannot be had: an error, but for what only tests need.
give_up() {
    echo "bench: $1:$missing" >&2
    [ "$wanted" = test ] || exit 1
    echo "bench: the tests that need them are skipped" >&2
    exit 0
}

command -v apt-get >/dev/null || give_up "missing here, and without apt-get they cannot be installed for you"
sudo=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || give_up "as root, run: apt-get install"
    sudo=sudo
fi
echo "bench: installing the system packages:$missing"
$sudo apt-get update -qq || give_up "that needs root and a network; as root, run: apt-get install"
# Newer releases have QEMU's RISC-V machines in a package of their own.
if [ "$wanted" != test ] && [ -n "$(apt-cache search --names-only '^qemu-system-riscv$')" ]; then
    missing=$(echo "$missing" | sed 's/qemu-system-misc/qemu-system-riscv/')
fi
# shellcheck disable=SC2086 # a list of words on purpose
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing ||
    give_up "these could not be installed"
