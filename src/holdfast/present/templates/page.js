// Draws the charts, and filters the tables of inputs.
"use strict";
(async () => {
  const specs = JSON.parse(document.getElementById("specs").textContent);
  const options = { mode: "vega-lite", renderer: "svg", actions: false };
  for (const figure of document.querySelectorAll("[data-chart]")) {
    const spec = specs[figure.dataset.chart];
    try {
      await vegaEmbed(figure, spec, options);
    } catch (fault) {
      figure.textContent = `This chart could not be drawn: ${fault.message}`;
    }
  }
  document.body.dataset.drawn = "yes";
})();

for (const input of document.querySelectorAll("[data-filter]")) {
  const rows = [...document.querySelectorAll(`#${input.dataset.filter} tbody tr`)];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const found = document.querySelector(`[data-found="${input.dataset.filter}"]`);
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !wanted.every((word) => texts[i].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    found.textContent = wanted.length ? `${shown} of ${rows.length}` : "";
  });
}
