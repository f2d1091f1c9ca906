// What would break an army: the form, and the work that it asks for.
"use strict";
(() => {
  const at = (id) => document.getElementById(id), { element } = window.Work;
  const about = JSON.parse(at("about").textContent), form = at("form"), place = new window.Work.Place("work");
  const LASTS = {
    quick: "A quick look, at a coarse grain: half a minute to a minute for the skirmish on two cores, one to four minutes for a long war. Each value stands beside its error.",
    usual: "The usual grain is four times finer: minutes for the skirmish; with 256 draws the war of November 2023 takes about four minutes on two free cores.",
  };
  if (about.own) {
    at("scenario").prepend(element("option", { value: about.opening.scenario, textContent: `${about.own.title} (yours)` }));
    at("scenario").selectedIndex = 0;
  }
  const sidesOf = () => (about.own && at("scenario").value === about.opening.scenario ? about.own : about.scenarios.find((one) => one.name === at("scenario").value)).sides;
  function sides() { at("side").replaceChildren(...sidesOf().map((side) => element("option", { value: side, textContent: side[0].toUpperCase() + side.slice(1).replaceAll("-", " ") }))); }
  function lasts() {
    const nine = form.play.value === "nine" ? " All nine are 512 combinations in place of 32: ten times as long." : form.play.value === "effects" ? " With many effects random orders are run, not all combinations." : "";
    at("lasts").textContent = LASTS[form.grain.value] + nine;
  }
  at("scenario").addEventListener("change", sides);
  form.addEventListener("change", lasts);
  sides();
  at("side").selectedIndex = at("side").options.length - 1; // of the skirmish the one under more pressure
  const restored = window.Work.recall(form);
  lasts();
  const start = () => { window.Work.remember(form); place.start("explain", window.Work.values(form)); };
  form.addEventListener("submit", (event) => { event.preventDefault(); start(); });
  if (restored && window.Work.reloaded()) start();
})();
