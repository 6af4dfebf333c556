"""docs/workloads.md: fresh, and every source in it comes out of a Markdown renderer as it is in its file."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from bench import paths
from bench.catalogue import Workload, load_catalogue
from bench.new_workload import new_workload
from bench.workloads_page import workloads_page


class Page(HTMLParser):
    """The texts of the <pre> elements, and the tags that were opened."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.tags: set[str] = set()
        self._inside = False
        self.feed(MarkdownIt("commonmark").enable("table").render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "pre":
            self._inside = True
            self.sources.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.sources[-1] += data


def sources_of(workload: Workload) -> list[str]:
    files = [workload.script, workload.header, workload.viper_overlay]
    return [file.read_text(encoding="utf-8").rstrip("\n") for file in files if file.is_file()]


def test_the_page_is_fresh() -> None:
    written = (paths.PROJECT / "docs" / "workloads.md").read_text(encoding="utf-8")
    assert written == workloads_page(list(load_catalogue().values())), "run make docs"


def test_every_source_is_shown_as_it_is() -> None:
    workloads = list(load_catalogue().values())
    page = Page(workloads_page(workloads))
    assert page.sources == [source for workload in workloads for source in sources_of(workload)]


@pytest.mark.parametrize(
    "odd", ["</pre></td><script>alert(1)</script>", "# a & b &lt; c", "\n\n\n\n# after many empty lines", "# | `x` *y*"]
)
def test_nothing_in_a_source_or_a_contract_ends_its_place(tmp_path: Path, odd: str) -> None:
    title = odd.strip()
    script, _, _, _ = new_workload("mine", group="integer", title=title, own=tmp_path)
    script.write_text(script.read_text(encoding="utf-8").replace("# ", "") + f"{odd}\n", encoding="utf-8")
    workload = load_catalogue(own=tmp_path)["mine"]
    page = Page(workloads_page([workload]))
    assert page.sources == sources_of(workload)
    assert "script" not in page.tags
