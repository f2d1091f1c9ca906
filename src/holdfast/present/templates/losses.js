// Narrows and sorts the table of claims.
"use strict";
(() => {
  const table = document.getElementById("claims-table");
  if (!table) return;
  const body = table.tBodies[0], rows = [...body.rows];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const choices = [...document.querySelectorAll("[data-choice]")];
  const search = document.getElementById("claims-search"), found = document.getElementById("claims-found");
  function narrow() {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      const fits = choices.every((choice) => !choice.value || row.dataset[choice.dataset.choice] === choice.value);
      row.hidden = !(fits && wanted.every((word) => texts[i].includes(word)));
      shown += row.hidden ? 0 : 1;
    });
    found.textContent = `${shown} of ${rows.length}`;
  }
  choices.forEach((choice) => choice.addEventListener("change", narrow));
  search.addEventListener("input", narrow);
  for (const head of table.querySelectorAll("th[data-sort]")) {
    const at = head.cellIndex, numbers = head.dataset.sort === "number";
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[at].dataset.key;
      const compare = (a, b) => numbers ? key(a) - key(b) : key(a).localeCompare(key(b));
      const sorted = [...rows].sort((a, b) => down ? compare(b, a) : compare(a, b));
      body.append(...sorted);
    });
  }
  narrow();
})();
