// The page is whole without this: it only lets a reader sort and filter tables.
"use strict";
{
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return "number" in cell.dataset ? Number(cell.dataset.number) : cell.textContent.trim();
  };

  const compare = (one, other) => {
    if (typeof one === "number" && typeof other === "number") return one - other;
    if (typeof one !== typeof other) return typeof one === "number" ? -1 : 1; // a cell without a figure comes last
    return one.localeCompare(other, "en", { numeric: true });
  };

  const sortBy = (table, header) => {
    const descending = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].sort((a, b) => compare(valueOf(a, header.cellIndex), valueOf(b, header.cellIndex)));
    body.append(...(descending ? rows.reverse() : rows));
  };

  const addSorting = (table) => {
    for (const header of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      button.addEventListener("click", () => sortBy(table, header));
      header.append(button);
    }
  };

  const addFilter = (table) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const count = document.createElement("output");
    const line = document.createElement("div");
    const rows = [...table.tBodies[0].rows];
    input.type = "search";
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/);
      for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
      const shown = rows.filter((row) => !row.hidden).length;
      count.value = input.value.trim() ? `${shown} of ${rows.length} rows` : "";
    });
    label.append("Show rows with ", input);
    line.className = "filter";
    line.append(label, count);
    table.parentElement.before(line);
  };

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    addSorting(table);
    if (table.tBodies[0].rows.length > 5) addFilter(table);
  }
}
