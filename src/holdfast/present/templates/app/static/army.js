// The page of an army: what the model says of it, and its runs.
"use strict";
(async () => {
  const at = (id) => document.getElementById(id), { army } = JSON.parse(at("about").textContent);
  const place = new window.Work.Place("assess"), two = (value) => value.toFixed(2);
  at("run").addEventListener("click", () => place.start("assess", { army }));
  const heard = await window.Work.post("/answers/codes", { army, codes: {} });
  at("chance").textContent = heard.kind !== "answer" ? window.Work.faultText(heard)
    : `Chance of collapse ${two(heard.collapse.value)} (${two(heard.collapse.p05)} to ${two(heard.collapse.p95)}), of mass desertion ${two(heard.mass_desertion.value)} (${two(heard.mass_desertion.p05)} to ${two(heard.mass_desertion.p95)}). Of the armies that taught, ${two(heard.base_rate.collapse)} collapsed; a logit on the ten codes says ${two(heard.ridge.collapse)}.`;
})();
