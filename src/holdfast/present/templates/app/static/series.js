// Small charts of both sides, day by day, with the twin's course dashed: drawn as SVG, so that they can be saved as they stand.
"use strict";
window.Series = (() => {
  const WIDTH = 330, HEIGHT = 72, LEFT = 34, RIGHT = 4, TOP = 6, BOTTOM = 15, WEEK = 7, POINTS = 400;
  const MONTH = 30.4375;
  const sum = (...names) => (day, side) => names.reduce((total, name) => total + day[name][side], 0);
  const each = (name, factor = 1) => (day, side) => day[name][side] * factor;
  const CHARTS = [
    { title: "Men present", unit: "men", of: each("present"), zero: true },
    { title: "Left by choice", unit: "a day, mean of 7", of: sum("deserted", "surrendered"), week: true, zero: true },
    { title: "Killed", unit: "a day, mean of 7", of: each("killed"), week: true, zero: true },
    { title: "Risk believed (dotted: true)", unit: "in 100 a month", of: each("risk_believed", 100 * MONTH), truth: each("risk_true", 100 * MONTH), zero: true },
    { title: "Authority of the regime", unit: "0 to 1", of: each("authority"), low: 0, high: 1 },
    { title: "Exits that an exit draws, R_d", unit: "mean of 7 days", of: each("reproduction_mean"), week: true, zero: true, mark: 1, atLeast: 1.2 },
  ];
  const NS = "http://www.w3.org/2000/svg";
  const make = (name, attributes = {}, parent = null) => {
    const element = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (parent) parent.append(element);
    return element;
  };
  function short(value) {
    const size = Math.abs(value);
    if (size >= 1e6) return `${+(value / 1e6).toPrecision(3)}M`;
    if (size >= 1e3) return `${+(value / 1e3).toPrecision(3)}k`;
    return `${+value.toPrecision(2)}`;
  }
  // A round number at or above the greatest value.
  function roundUp(value) {
    if (!(value > 0)) return 1;
    const ten = 10 ** Math.floor(Math.log10(value));
    return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((one) => one * ten).find((one) => one >= value * 0.999);
  }

  class Charts {
    constructor(home, about) {
      this.about = about;
      this.days = [];
      this.twins = [];
      home.replaceChildren();
      this.charts = CHARTS.map((chart) => this.#frame(home, chart));
    }
    #frame(home, chart) {
      const figure = document.createElement("figure"), words = document.createElement("figcaption");
      const unit = document.createElement("span"), title = document.createElement("b");
      figure.className = "chart";
      title.textContent = chart.title;
      unit.textContent = chart.unit;
      words.append(title, unit);
      const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${chart.title}, ${chart.unit}` });
      const high = make("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: TOP, y2: TOP }, svg);
      const base = make("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM }, svg);
      const top = make("text", { x: LEFT - 4, y: TOP + 4, "text-anchor": "end" }, svg);
      const low = make("text", { x: LEFT - 4, y: HEIGHT - BOTTOM + 3, "text-anchor": "end" }, svg);
      for (let month = 0; month <= 12; month++) {
        const day = Math.round(month * this.about.days / 12);
        if (month % 3 && month !== 12) continue;
        const label = make("text", { x: this.#x(day), y: HEIGHT - 3, "text-anchor": month === 0 ? "start" : month === 12 ? "end" : "middle" }, svg);
        label.textContent = this.#date(day);
      }
      const mark = chart.mark === undefined ? null : make("line", { class: "mark", x1: LEFT, x2: WIDTH - RIGHT }, svg);
      const line = (kind) => [0, 1].map((side) => make("path", { class: `${kind} s${side}` }, svg));
      const parts = { twin: line("twin"), truth: chart.truth ? line("true") : [], own: line("own") };
      figure.append(words, svg);
      home.append(figure);
      return { chart, svg, top, low, high, base, mark, ...parts };
    }
    #x(day) { return LEFT + (WIDTH - LEFT - RIGHT) * day / Math.max(1, this.about.days); }
    #date(day) {
      const date = new Date(`${this.about.start}T00:00:00Z`);
      date.setUTCDate(date.getUTCDate() + day);
      return date.toLocaleDateString("en-GB", { month: "short", year: "2-digit", timeZone: "UTC" });
    }
    add(days) {
      for (const day of days) {
        this.days[day.day] = day.side;
        this.twins[day.day] = day.twin;
      }
    }
    #values(days, of, week, side) {
      const values = days.map((day) => (day ? of(day, side) : NaN));
      if (!week) return values;
      let total = 0;
      return values.map((value, i) => {
        const from = Math.max(0, i - WEEK + 1), part = values.slice(from, i + 1).filter((one) => !Number.isNaN(one));
        total = part.reduce((a, b) => a + b, 0);
        return Number.isNaN(value) ? NaN : total / part.length;
      });
    }
    draw() {
      for (const one of this.charts) {
        const { chart } = one;
        const lines = [
          ...[0, 1].map((side) => [one.own[side], this.#values(this.days, chart.of, chart.week, side)]),
          ...[0, 1].map((side) => [one.twin[side], this.#values(this.twins, chart.of, chart.week, side)]),
          ...one.truth.map((path, side) => [path, this.#values(this.days, chart.truth, chart.week, side)]),
        ];
        const most = lines.flatMap(([, values]) => values).filter(Number.isFinite).reduce((a, b) => Math.max(a, b), chart.atLeast || 0);
        const high = chart.high ?? roundUp(most), low = chart.low ?? 0;
        one.top.textContent = short(high);
        one.low.textContent = short(low);
        const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low));
        if (one.mark) { one.mark.setAttribute("y1", y(chart.mark)); one.mark.setAttribute("y2", y(chart.mark)); }
        const every = Math.max(1, Math.floor(this.days.length / POINTS));
        for (const [path, values] of lines) {
          let drawn = "", pen = false;
          for (let day = 0; day < values.length; day++) {
            if (day % every && day !== values.length - 1) continue;
            if (!Number.isFinite(values[day])) { pen = false; continue; }
            drawn += `${pen ? "L" : "M"}${this.#x(day + 1).toFixed(1)} ${y(values[day]).toFixed(1)}`;
            pen = true;
          }
          path.setAttribute("d", drawn);
        }
      }
    }
    // All charts as one SVG with its styles in it.
    svg() {
      const whole = make("svg", { xmlns: NS, viewBox: `0 0 ${WIDTH} ${(HEIGHT + 22) * this.charts.length + 40}`, width: 2 * WIDTH, "font-family": "sans-serif" });
      const style = getComputedStyle(document.documentElement), of = (name) => style.getPropertyValue(name).trim();
      const rules = `text{font-size:10px;fill:${of("--ink")}}.grid{stroke:${of("--line")}}path{fill:none;stroke-width:1.6}.s0{stroke:${of("--first")}}.s1{stroke:${of("--second")}}.twin{stroke-dasharray:4 3;stroke-width:1}.true{stroke-dasharray:1 2.5}.mark{stroke:${of("--ink")};stroke-dasharray:2 2}.bold{font-weight:bold}`;
      make("rect", { width: "100%", height: "100%", fill: of("--paper") }, whole);
      make("style", {}, whole).textContent = rules;
      const head = make("text", { x: 4, y: 14, class: "bold" }, whole);
      head.textContent = `${this.about.title}, seed ${this.about.seed}, one run; dashed: the twin`;
      this.about.titles.forEach((title, side) => {
        make("rect", { x: 4 + side * 120, y: 20, width: 10, height: 10, fill: of(side ? "--second" : "--first") }, whole);
        make("text", { x: 18 + side * 120, y: 29 }, whole).textContent = title;
      });
      this.charts.forEach(({ svg, chart }, i) => {
        const group = make("g", { transform: `translate(0 ${40 + (HEIGHT + 22) * i})` }, whole);
        make("text", { x: 4, y: 10 }, group).textContent = `${chart.title} [${chart.unit}]`;
        const inner = make("g", { transform: "translate(0 14)" }, group);
        for (const part of svg.childNodes) inner.append(part.cloneNode(true));
      });
      return new XMLSerializer().serializeToString(whole);
    }
    csv() {
      const names = Object.keys(this.days.find(Boolean) || {});
      const sides = this.about.sides;
      const head = ["day", "side", ...names, ...names.map((name) => `twin_${name}`)];
      const rows = this.days.flatMap((day, i) => sides.map((side, s) => [
        i, `"${side.replaceAll('"', '""')}"`, ...names.map((name) => day[name][s]), ...names.map((name) => (this.twins[i] ? this.twins[i][name][s] : "")),
      ]));
      return [head, ...rows].map((row) => row.join(",")).join("\n") + "\n";
    }
  }
  return { Charts, short };
})();
