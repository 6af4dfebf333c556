"""A build backend that builds nothing: it stands in for setuptools while pip fetches a source package.

pip does not hand over a source package without asking the package's build backend for metadata, and would run the
package's own set-up code for that. This one answers with the metadata that the package already carries in PKG-INFO.
`micropython_source.fetch_archive` puts it in setuptools' place; pip calls it inside the unpacked package.
"""

from __future__ import annotations

import shutil
from email import message_from_string
from pathlib import Path


def get_requires_for_build_wheel(config_settings: object = None) -> list[str]:
    """Nothing has to be installed first."""
    return []


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: object = None) -> str:
    """Write the file pip reads, and return the name of its folder, as PEP 517 asks."""
    package = message_from_string(Path("PKG-INFO").read_text(encoding="utf-8"))
    info = Path(metadata_directory) / f"{package['Name'].replace('-', '_')}-{package['Version']}.dist-info"
    info.mkdir()
    shutil.copy("PKG-INFO", info / "METADATA")
    return info.name
