"""Chooses the toolchain by the chip, as the real platform does. Loaded by PlatformIO."""

from typing import Any

from platformio.platform.base import PlatformBase

TOOLCHAINS = {
    "esp32": "toolchain-xtensa-esp32",
    "esp32s3": "toolchain-xtensa-esp32s3",
    "esp32c3": "toolchain-riscv32-esp",
}


class Espressif32Platform(PlatformBase):  # type: ignore[misc]  # PlatformIO has no annotations
    def configure_default_packages(self, options: dict[str, Any], targets: list[str]) -> None:
        """Called by PlatformIO before it looks for the packages that a build needs."""
        if options.get("board"):
            mcu = self.board_config(options["board"]).get("build.mcu")
            self.packages[TOOLCHAINS[mcu]]["optional"] = False
        super().configure_default_packages(options, targets)
