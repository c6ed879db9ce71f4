"use strict";
// tables: a click on a title sorts, another one turns the order round
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.firstChild.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const number = head.classList.contains("number");
    const key = (row) => {
      const cell = row.cells[column];
      const text = cell.dataset.key ?? cell.textContent;
      return number ? (text === "" || isNaN(text) ? -Infinity : Number(text)) : text.toLowerCase();
    };
    const rows = [...table.tBodies[0].rows].map((row) => [key(row), row]);
    rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1));
    table.tBodies[0].append(...rows.map(([, row]) => row));
  }));
}
// search: only rows that hold the text
for (const field of document.querySelectorAll("input[data-table]")) {
  const rows = [...document.getElementById(field.dataset.table).tBodies[0].rows];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  field.addEventListener("input", () => {
    const wanted = field.value.toLowerCase();
    rows.forEach((row, i) => { row.hidden = !texts[i].includes(wanted); });
  });
}
// pictures: larger and smaller, the place in the middle stays
for (const figure of document.querySelectorAll("figure")) {
  const view = figure.querySelector(".view");
  const svg = view.querySelector("svg");
  let factor = 1;
  for (const button of figure.querySelectorAll("button[data-zoom]")) {
    button.addEventListener("click", () => {
      const middle = (view.scrollLeft + view.clientWidth / 2) / view.scrollWidth;
      factor = button.dataset.zoom === "0" ? 1 : Math.min(16, Math.max(1, factor * Number(button.dataset.zoom)));
      svg.style.width = `${factor * 100}%`;
      view.scrollLeft = middle * view.scrollWidth - view.clientWidth / 2;
    });
  }
}
