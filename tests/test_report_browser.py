"""The report in a real browser: no error, sortable, within the page at phone and projector width, printable."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bench import load_run, paths
from bench.report.write import write_report

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
# Nothing but the page itself: a browser calls home on its own, and that is not what is tested.
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND"),
    *("--hide-scrollbars", "--allow-file-access-from-files", "--enable-logging=stderr"),
)
DARK = "--blink-settings=preferredColorScheme=0"
CONSOLE = re.compile(r"INFO:CONSOLE.*|Uncaught.*|Refused to .*")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on the PATH: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of both reference runs: the widest page there is."""
    folder = tmp_path_factory.mktemp("browser")
    runs = [load_run(paths.RESULTS / f"reference-{board}") for board in ("virtual-esp32", "virtual-esp32c3")]
    return write_report(runs, folder, ["html"])[0]


def browse(page: Path, *flags: str) -> str:
    """Open a page in a fresh browser; gives the DOM, if it was asked for. The console must stay empty."""
    profile = page.parent / "profile"
    shutil.rmtree(profile, ignore_errors=True)
    command = [CHROMIUM, *QUIET, f"--user-data-dir={profile}", *flags, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert not CONSOLE.findall(done.stderr)
    return done.stdout


def with_script(report: Path, script: str) -> Path:
    """A copy of the report that runs a script of the test's after its own; `say(value)` leaves a word in the DOM."""
    say = """const say = (value) =>
      document.body.append(Object.assign(document.createElement("samp"), {textContent: value}));"""
    copy = report.with_name("copy.html")
    text = report.read_text(encoding="utf-8")
    copy.write_text(text.replace("</body>", f"<script>{say}{script}</script></body>"), encoding="utf-8")
    return copy


def said(report: Path, script: str) -> list[str]:
    """What the script said."""
    dom = browse(with_script(report, script), "--dump-dom")
    return [html.unescape(word) for word in re.findall(r"<samp>(.*?)</samp>", dom, re.DOTALL)]


def test_an_error_of_a_script_would_be_noticed(report: Path) -> None:
    with pytest.raises(AssertionError):
        browse(with_script(report, "undefined_name();"), "--dump-dom")


def test_a_click_on_a_heading_sorts_by_number_and_a_second_one_turns_it_round(report: Path) -> None:
    script = """
    const table = document.querySelector("table[data-sortable]");
    const ratios = () => [...table.tBodies[0].rows].map((row) => row.cells[2].textContent).join(" ");
    const header = table.tHead.rows[0].cells[2];
    header.querySelector("button").click(); say(ratios()); say(header.getAttribute("aria-sort"));
    header.querySelector("button").click(); say(ratios()); say(header.getAttribute("aria-sort"));
    say(table.tFoot.rows[0].cells[0].textContent);
    """
    up, ascending, down, descending, foot = said(report, script)
    numbers = [float(text.removesuffix("×")) for text in up.split()]
    assert len(numbers) >= 9 and numbers == sorted(numbers)
    assert down.split() == up.split()[::-1]
    assert (ascending, descending) == ("ascending", "descending")
    assert foot.startswith("geometric mean")


def test_the_filter_hides_what_was_not_asked_for_and_says_so(report: Path) -> None:
    script = """
    const input = document.querySelector(".filter input");
    input.value = "FIR"; input.dispatchEvent(new Event("input"));
    const rows = [...document.querySelector("table[data-sortable]").tBodies[0].rows];
    say(rows.filter((row) => row.offsetHeight).map((row) => row.cells[0].textContent).join(" "));
    say(document.querySelector(".filter output").value);
    """
    shown, count = said(report, script)
    assert shown == "fir_f32" and re.fullmatch("1 of [0-9]+ rows", count)


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_nothing_sticks_out_of_the_page(report: Path, width: int) -> None:
    # A headless window is at least 500 pixels wide, a frame is not.
    script = f"""
    for (const each of document.querySelectorAll("details")) each.open = true;
    const wide = [...document.querySelectorAll("main *, header *, nav *")].filter((each) =>
      !each.parentElement.closest(".scroll, pre") && each.getBoundingClientRect().right > {width} + 1);
    parent.document.body.append(Object.assign(document.createElement("samp"), {{textContent:
      document.documentElement.scrollWidth + " " + wide.map((each) => each.outerHTML.slice(0, 80))}}));
    """
    with_script(report, script)
    frame = report.with_name("frame.html")
    frame.write_text(f'<!DOCTYPE html><iframe src="copy.html" style="width:{width}px;height:900px;border:0"></iframe>')
    dom = browse(frame, "--dump-dom", "--virtual-time-budget=5000")
    assert re.findall(r"<samp>(.*?)</samp>", dom, re.DOTALL) == [f"{width} "]


@pytest.mark.parametrize("style", ["light", "dark"])
def test_text_has_a_contrast_of_4_5(report: Path, style: str) -> None:
    # WCAG 2.2, relative luminance and contrast ratio. Bars lie behind text, so their tint is looked at too.
    script = """
    const luminance = (text) => {
      const [r, g, b] = text.match(/[0-9.]+/g).slice(0, 3).map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const probe = document.body.appendChild(document.createElement("i"));
    const colour = (name) => (probe.style.color = `var(--${name})`, luminance(getComputedStyle(probe).color));
    const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const pairs = [["text", "page"], ["text", "raised"], ["quiet", "page"], ["quiet", "raised"], ["accent", "page"],
      ["text", "bar-tint"]];
    for (const [front, back] of pairs) say(contrast(colour(front), colour(back)).toFixed(2));
    say(colour("page") < 0.5 ? "dark" : "light");
    """
    page = with_script(report, script)
    dom = browse(page, "--dump-dom", *([DARK] if style == "dark" else []))
    *contrasts, shown = re.findall(r"<samp>(.*?)</samp>", dom)
    assert shown == style
    assert len(contrasts) == 6 and min(map(float, contrasts)) >= 4.5


@pytest.mark.parametrize("flags", [(), (DARK,)], ids=["light", "dark"])
def test_it_is_drawn(report: Path, flags: tuple[str, ...]) -> None:
    image = report.with_name("shot.png")
    browse(report, f"--screenshot={image}", "--window-size=1280,2400", *flags)
    assert image.read_bytes().startswith(b"\x89PNG") and image.stat().st_size > 100_000


def test_it_prints(report: Path) -> None:
    printed = report.with_name("report.pdf")
    browse(report, f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    assert printed.read_bytes().startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes())) >= 4
