"""PlatformIO development platform of the virtual board. Its packages lie in this project: nothing is downloaded."""

import importlib.util
from pathlib import Path
from typing import Any

from platformio.package.manager.core import get_core_package_dir
from platformio.platform.base import PlatformBase

HERE = Path(__file__).resolve().parent
CORE = HERE.parent / "arduino_core"


class VirtualboardPlatform(PlatformBase):  # type: ignore[misc]  # PlatformIO has no annotations
    def configure_default_packages(self, options: dict[str, Any], targets: list[str]) -> None:
        """Called by PlatformIO before it looks for the packages that a build needs."""
        self.packages["framework-arduino-virtual"]["version"] = f"symlink://{CORE}"
        if self._needs_own_scons():
            # PlatformIO wants its build engine as a package of this owner; ours hands over to the installed SCons.
            self.packages["tool-scons"] = {"owner": "platformio", "version": f"symlink://{HERE / 'tool-scons'}"}
        super().configure_default_packages(options, targets)

    @staticmethod
    def _needs_own_scons() -> bool:
        """Whether PlatformIO has no engine of its own yet, and SCons is installed beside PlatformIO.

        Without either, PlatformIO downloads its own: a person with a network needs no SCons.
        """
        installed = get_core_package_dir("tool-scons", auto_install=False)
        is_registry_copy = installed is not None and Path(installed).resolve() != HERE / "tool-scons"
        return not is_registry_copy and importlib.util.find_spec("SCons") is not None
