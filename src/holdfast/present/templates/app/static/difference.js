// What the reader's change did: this war against its twin, and an ensemble that runs on in the background.
"use strict";
window.Difference = (() => {
  const at = (id) => document.getElementById(id);
  const ENDS = [["collapse", "collapses"], ["mass_desertion", "deserts in mass"], ["front_broken", "has its front broken"]];
  let source = null, waiting = 0, latest = null, shown = 0;
  const said = (value) => Math.round(value).toLocaleString("en");
  const signed = (value, digits) => `${value > 0 ? "+" : value < 0 ? "−" : "±"}${Math.abs(value).toFixed(digits)}`;
  function table(titles, rows, words) {
    const whole = document.createElement("table");
    whole.createCaption().textContent = words;
    const head = whole.createTHead().insertRow();
    ["", ...titles].forEach((title, i) => head.append(Object.assign(document.createElement(i ? "th" : "td"), { textContent: title, scope: i ? "col" : null, className: i ? "number" : "" })));
    const body = whole.createTBody();
    for (const [name, ...cells] of rows) {
      const row = body.insertRow();
      row.append(Object.assign(document.createElement("th"), { textContent: name, scope: "row" }));
      cells.forEach((text) => { row.insertCell().textContent = text; row.lastChild.className = "number"; });
    }
    return whole;
  }
  function part(name) {
    let box = document.getElementById(name);
    if (!box) {
      if (!document.getElementById("did-here") && !document.getElementById("did-ensemble")) at("did").replaceChildren();
      box = Object.assign(document.createElement("div"), { id: name });
      if (name === "did-here") at("did").prepend(box); else at("did").append(box);
    }
    return box;
  }
  // This war against its twin, since the two parted.
  function here(war) {
    if (!war.last || !war.last.twin || performance.now() - shown < 250) return;
    shown = performance.now();
    const { days, twins } = war.charts, from = twins.findIndex(Boolean);
    const total = (rows, name, side) => rows.slice(from).reduce((sum, day) => sum + day[name][side], 0);
    const rows = war.about.titles.flatMap((title, side) => [
      [`${title}: left since`, ["deserted", "surrendered"]], [`${title}: killed since`, ["killed"]],
    ].map(([name, of]) => {
      const mine = of.reduce((sum, one) => sum + total(days, one, side), 0), other = of.reduce((sum, one) => sum + total(twins, one, side), 0);
      return [name, said(mine), said(other), (mine > other ? "+" : mine < other ? "−" : "") + said(Math.abs(mine - other))];
    }).concat([[`${title}: present`, said(war.last.side.present[side]), said(war.last.twin.present[side]), (war.last.side.present[side] >= war.last.twin.present[side] ? "+" : "−") + said(Math.abs(war.last.side.present[side] - war.last.twin.present[side]))]]));
    part("did-here").replaceChildren(table(["this war", "its twin", "difference"], rows, "This one war, with the same luck, in men. One course of many: how sure it is stands below."));
  }
  function ensemble(message) {
    const { sides, draws } = message;
    const rows = sides.flatMap((side) => [
      ...ENDS.map(([key, words]) => {
        const one = side[key];
        return [`${side.title} ${words}`, one.without.toFixed(2), one.with.toFixed(2), `${signed(one.difference, 2)} ± ${one.se.toFixed(2)}`];
      }),
      [`${side.title}: exits in 1,000 a month`, side.exits.without.toFixed(1), side.exits.with.toFixed(1), `${signed(side.exits.difference, 1)} ± ${side.exits.se.toFixed(1)}`],
    ]);
    part("did-ensemble").replaceChildren(
      table(["without", "with", "difference ± standard error"], rows, `Over the whole scenario, ${draws} pairs of runs, each pair with a draw of what is not known and luck of its own`),
      Object.assign(document.createElement("p"), { className: "hint", id: "did-progress", textContent: message.of > draws ? `${message.of - draws} pairs are still to come.` : "All pairs are done." }),
    );
  }
  function ask(war) {
    latest = war;
    clearTimeout(waiting);
    waiting = setTimeout(start, 1200);
  }
  async function start() {
    stop();
    const war = latest;
    if (!war || !war.pulls.length) return;
    part("did-ensemble").replaceChildren(Object.assign(document.createElement("p"), { className: "hint", id: "did-progress", textContent: "The ensemble is being set up…" }));
    const request = { scenario: war.source(), seed: war.about.seed, pulls: war.pulls };
    const answer = await fetch("/jobs/difference", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(request) });
    const { job, message } = await answer.json();
    if (!job) { part("did-ensemble").textContent = message; return; }
    if (war !== latest) return;
    source = new EventSource(`/jobs/${job}/events`);
    source.onmessage = ({ data }) => {
      const heard = JSON.parse(data);
      if (heard.kind === "part" || heard.kind === "done") ensemble(heard);
      if (heard.kind === "progress" && at("did-progress")) at("did-progress").textContent = `${heard.what}: ${Math.round(100 * heard.done / heard.of)} %`;
      if (heard.kind === "fault") part("did-ensemble").textContent = heard.message;
      if (heard.kind === "done" || heard.kind === "fault") stop();
    };
  }
  function stop() { if (source) source.close(); source = null; }
  function clear() {
    stop();
    clearTimeout(waiting);
    latest = null;
    at("did").replaceChildren(Object.assign(document.createElement("p"), { className: "hint", textContent: "Pull a pressure or switch an effect on: a twin with the same luck, in which you did nothing, then runs beside this war, and a small ensemble says how sure the difference is." }));
  }
  return { ask, clear, here };
})();
