#!/bin/sh
# Installs the system packages that the virtual board needs and that are missing (Debian, Ubuntu), as root or with sudo.
set -eu

missing=""
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
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "bench: missing here, and without apt-get they cannot be installed for you:$missing" >&2
    exit 1
fi
sudo=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "bench: as root, run: apt-get install$missing" >&2; exit 1; }
    sudo=sudo
fi
echo "bench: installing the system packages:$missing"
$sudo apt-get update -qq || {
    echo "bench: that needs root; as root, run: apt-get install$missing" >&2
    exit 1
}
# Newer releases have QEMU's RISC-V machines in a package of their own.
if [ -n "$(apt-cache search --names-only '^qemu-system-riscv$')" ]; then
    missing=$(echo "$missing" | sed 's/qemu-system-misc/qemu-system-riscv/')
fi
# shellcheck disable=SC2086 # a list of words on purpose
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
