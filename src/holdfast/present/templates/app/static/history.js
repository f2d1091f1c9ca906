// Ten codes set by hand and what they mean at once; the backtest; the list of armies.
"use strict";
(() => {
  const at = (id) => document.getElementById(id), { element } = window.Work;
  const about = JSON.parse(at("about").textContent), codes = about.codes, armies = new Map(about.armies.map((one) => [one.army, one]));
  const PAUSE = 60, two = (value) => value.toFixed(2), signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
  let turn = 0, under = null, waiting = 0;
  const control = (code) => at(`code-${code}`), unknown = (code) => at(`unknown-${code}`);
  const levels = () => Object.fromEntries(codes.map(({ code }) => [code, unknown(code).checked ? null : Number(control(code).value)]));
  const base = () => armies.get(at("army").value);
  function request() {
    const chosen = base(), now = levels();
    if (!chosen) return { codes: now };
    return { army: chosen.army, codes: Object.fromEntries(Object.entries(now).filter(([code, level]) => level !== chosen.codes[code])) };
  }
  function describe() {
    for (const { code, levels: words } of codes) {
      const off = unknown(code).checked, level = Number(control(code).value);
      control(code).disabled = off;
      control(code).setAttribute("aria-valuetext", `${level}: ${words[level]}`);
      at(`says-${code}`).textContent = off ? "not known: it may be anything" : `${level}: ${words[level]}`;
    }
  }
  function put(values) {
    for (const { code } of codes) {
      unknown(code).checked = values[code] === null;
      if (values[code] !== null) control(code).value = values[code];
    }
  }
  const row = (cells, head = true) => {
    const line = element("tr", {});
    cells.forEach((cell, i) => {
      const [content, name] = Array.isArray(cell) ? cell : [cell, ""];
      const box = element(head && !i ? "th" : "td", { className: name, ...(head && !i ? { scope: "row" } : {}) });
      box.append(content);
      line.append(box);
    });
    return line;
  };
  // An interval as a bar between two ends, with its value as a mark.
  function bar({ value, p05, p95 }, from, to, words) {
    const at_ = (x) => 100 * (Math.min(Math.max(x, from), to) - from) / (to - from), NS = "http://www.w3.org/2000/svg";
    const picture = document.createElementNS(NS, "svg");
    const line = (name, values) => { const one = document.createElementNS(NS, "rect"); one.setAttribute("class", name); for (const [key, number] of Object.entries(values)) one.setAttribute(key, number); picture.append(one); };
    picture.setAttribute("viewBox", "0 0 100 12");
    picture.setAttribute("preserveAspectRatio", "none");
    picture.setAttribute("aria-hidden", "true");
    picture.setAttribute("class", "interval");
    line("track", { x: 0, y: 5.5, width: 100, height: 1 });
    if (from < 0) line("zero", { x: at_(0) - 0.25, y: 0, width: 0.5, height: 12 });
    line("range", { x: at_(p05), y: 3.5, width: Math.max(at_(p95) - at_(p05), 0.5), height: 5 });
    line("value", { x: at_(value) - 0.7, y: 1, width: 1.4, height: 10 });
    const box = element("span", { className: "with-bar" });
    box.append(element("span", { className: "said", textContent: words }), picture);
    return box;
  }
  function chances(heard) {
    const came = (outcome) => !heard.came ? "" : heard.came[outcome] === null ? "not known" : heard.came[outcome] ? "yes" : "no";
    at("chance-rows").replaceChildren(...[["collapse", "collapses"], ["mass_desertion", "deserts in mass"]].map(([outcome, words]) => row([
      words, bar(heard[outcome], 0, 1, `${two(heard[outcome].value)} (${two(heard[outcome].p05)} to ${two(heard[outcome].p95)})`),
      [two(heard.base_rate[outcome]), "number"], [two(heard.ridge[outcome]), "number"], heard.came && !heard.unchanged ? `as coded: ${came(outcome)}` : came(outcome) || "–",
    ])));
    at("taught").textContent = heard.taught ? "This army and those of its men teach nothing of what is said here." : "All past armies teach what is said here.";
    at("nearest").replaceChildren(...heard.nearest.map((one) => row([element("a", { href: `/history/${one.army}`, textContent: `${one.title || one.army}, ${armies.get(one.army).span}` }), one.outcome, one.collapse === null ? "?" : one.collapse ? "yes" : "no", one.differs.join("; ") || "nothing"])));
    at("chances").hidden = false;
  }
  function changes(heard) {
    const reach = Math.max(0.1, ...heard.changes.flatMap(({ collapse }) => [Math.abs(collapse.p05), Math.abs(collapse.p95)]));
    at("changes").replaceChildren(...heard.changes.slice(0, 8).map((one) => row([
      `${one.name}: ${one.from ?? "?"} → ${one.to}`, bar(one.collapse, -reach, reach, `${signed(one.collapse.value)} (${signed(one.collapse.p05)} to ${signed(one.collapse.p95)})`), one.says,
    ])));
  }
  async function ask() {
    const mine = (turn += 1), wanted = request(), began = performance.now();
    if (under) under.abort();
    under = new AbortController();
    const slow = setTimeout(() => { at("code-status").textContent = "Working it out…"; }, 400);
    try {
      for (const [question, show] of [["codes", chances], ["changes", changes]]) {
        const heard = await window.Work.post(`/answers/${question}`, wanted, under.signal);
        if (mine !== turn) return;
        at("code-faults").hidden = heard.kind === "answer";
        if (heard.kind !== "answer") {
          at("code-faults").textContent = window.Work.faultText(heard);
          at("code-status").textContent = "";
          return;
        }
        show(heard);
        clearTimeout(slow);
        if (question === "codes") at("code-status").textContent = `Chances after ${((performance.now() - began) / 1000).toFixed(2)} s.`;
      }
    } catch { /* a newer question has taken its place */ } finally { clearTimeout(slow); }
  }
  function moved() {
    describe();
    const chosen = base();
    at("army-page").hidden = !chosen;
    if (chosen) at("army-page").href = `/history/${chosen.army}`;
    at("reset").disabled = !chosen;
    history.replaceState(null, "", `#${new URLSearchParams({ ...(chosen ? { army: chosen.army } : {}), codes: codes.map(({ code }) => levels()[code] ?? "-").join("") })}`);
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  }
  function restore() {
    const fields = new URLSearchParams(location.hash.slice(1)), digits = fields.get("codes") || "";
    if (armies.get(fields.get("army"))?.base) { at("army").value = fields.get("army"); put(base().codes); }
    if (/^[012-]{10}$/.test(digits)) put(Object.fromEntries(codes.map(({ code }, i) => [code, digits[i] === "-" ? null : Number(digits[i])])));
  }
  const assess = new window.Work.Place("assess"), backtest = new window.Work.Place("backtest");
  for (const { code } of codes) for (const each of [control(code), unknown(code)]) each.addEventListener("input", moved);
  at("army").addEventListener("change", () => { if (base()) put(base().codes); moved(); });
  at("reset").addEventListener("click", () => { if (base()) put(base().codes); moved(); });
  at("run").addEventListener("click", () => assess.start("assess", request()));
  at("backtest-run").addEventListener("click", () => backtest.start("backtest", {}));
  const rows = [...at("armies").tBodies[0].rows], texts = rows.map((line) => line.textContent.toLowerCase());
  at("filter").addEventListener("input", () => {
    const words = at("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((line, i) => { line.hidden = !words.every((word) => texts[i].includes(word)); });
    at("shown").textContent = words.length ? `${rows.filter((line) => !line.hidden).length} of ${rows.length}` : "";
  });
  restore();
  moved();
})();
