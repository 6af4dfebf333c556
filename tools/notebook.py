"""`make notebook`: executes notebooks/overhead.ipynb in a fresh kernel and writes it back with its outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

NOTEBOOK = Path(__file__).parent.parent / "notebooks" / "overhead.ipynb"
_METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},  # without the version of whoever executed it
}


def executed(folder: Path) -> NotebookNode:
    """The notebook with the outputs of a fresh kernel that works in `folder`; nothing in it is of this computer."""
    notebook: NotebookNode = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # or chance decides where printed text is divided
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(_METADATA)
    return notebook


def main() -> None:
    """Refresh the committed notebook."""
    nbformat.write(executed(NOTEBOOK.parent), NOTEBOOK)


if __name__ == "__main__":
    main()
