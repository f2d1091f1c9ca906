// The war: what comes over the WebSocket is painted, drawn and listed; what the reader does is sent.
"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const opening = JSON.parse(at("about").textContent).opening;
  const FIRST_LEVEL = 16, PRESENT = 2;
  // Levels from low to high: cividis, which readers see alike whatever their colour vision.
  const LEVELS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#f3dd4f", "#fee838"];
  const DARK_FATES = { vacant: "#2b3136", killed: "#f4f4f4", wounded: "#9a9fa3", deserted: "#ff5fb0", surrendered: "#ffc61a", imprisoned: "#b39cff" };
  const DARK_TINTS = ["#1f4a66", "#6b3d1c"];
  const said = (value) => Math.round(value).toLocaleString("en");
  let socket = null, war = null, own = null, retry = 500, wanted = null, setting = false;

  // --- the address holds scenario, seed, day and pulls, so that a link or a reload brings them back ---
  function fromAddress() {
    const query = new URLSearchParams(location.search);
    let pulls = [];
    try { pulls = JSON.parse(query.get("pulls") || "[]").map(([day, side, what, amount]) => ({ day, side, what, amount })); } catch { /* not a link of ours */ }
    const own = query.get("scenario") === "own" ? sessionStorage.getItem("holdfast-scenario") : null;
    return {
      do: "open", scenario: own || (query.get("scenario") !== "own" && query.get("scenario")) || opening.scenario,
      seed: Number(query.get("seed") ?? opening.seed), day: Number(query.get("day") || 0), pulls,
      coloured_by: query.get("colour") || "fate", ...(query.get("billet") ? { men_per_billet: Number(query.get("billet")) } : {}),
    };
  }
  function address() {
    const query = new URLSearchParams({ scenario: own ? "own" : war.about.scenario, seed: war.about.seed, day: war.day });
    if (wanted && wanted.men_per_billet) query.set("billet", wanted.men_per_billet);
    if (war.pulls.length) query.set("pulls", JSON.stringify(war.pulls.map((one) => [one.day, one.side, one.what, one.amount])));
    if (at("colour").value !== "fate") query.set("colour", at("colour").value);
    return `?${query}`;
  }
  let remembered = 0;
  function remember(now = false) {
    if (!war || (!now && performance.now() - remembered < 1000)) return;
    remembered = performance.now();
    history.replaceState(null, "", address());
  }

  // --- speaking with the server ---
  const say = (message) => { if (socket && socket.readyState === 1) socket.send(JSON.stringify(message)); };
  function connect(request) {
    wanted = request;
    setting = true;
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/war`);
    socket.binaryType = "arraybuffer";
    let chain = Promise.resolve();
    socket.onopen = () => { retry = 500; status("Setting up the war…"); say(request); };
    socket.onmessage = ({ data }) => { chain = chain.then(() => (typeof data === "string" ? hear(JSON.parse(data)) : heard(data))).catch((fault) => { console.error(fault); }); };
    socket.onclose = () => {
      busy(true);
      status("The connection is lost. Trying again…");
      setTimeout(() => connect(war ? { ...wanted, day: war.day, pulls: war.pulls } : wanted), retry);
      retry = Math.min(8000, retry * 2);
    };
  }
  function open(request) {
    wanted = request;
    setting = true;
    faults(null);
    status("Setting up the war…");
    busy(true);
    say(request);
  }
  function hear(message) {
    if (message.kind === "opened") opened(message.about);
    if (message.kind === "fault") refused(message);
    if (message.kind === "progress") status(`${message.what[0].toUpperCase()}${message.what.slice(1)}${message.done ? `: ${Math.round(100 * message.done / message.of)} %` : "…"}`);
    if (message.kind === "pulled") { war.pulls = message.pulls; faults(null); remember(true); Difference.ask(war); }
  }
  async function inflate(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  async function heard(buffer) {
    const bytes = new Uint8Array(buffer), end = bytes.indexOf(10);
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
    const body = bytes.subarray(end + 1);
    if (head.kind === "file") return save(head.name, new Blob([body], { type: head.type }));
    if (!war) return undefined;
    if (head.changes) paint(head.changes, await inflate(body));
    told(head);
    say({ do: "seen", frame: head.frame });
    return undefined;
  }
  function status(words) { at("status").textContent = words; }
  function faults(message) {
    at("faults").hidden = !message;
    at("faults").textContent = message ? message.message : "";
  }
  // What cannot be opened leaves the war that was there; a link that cannot be used is left out.
  function refused(message) {
    faults(message);
    if (!setting) return;
    setting = false;
    status("");
    if (war) {
      wanted = { ...wanted, scenario: war.source(), seed: war.about.seed };
      at("scenario").value = own ? "" : war.about.scenario;
      at("seed").value = war.about.seed;
      busy(false);
      playing(false);
    } else if (location.search) {
      const link = Object.assign(document.createElement("a"), { href: location.pathname, textContent: "Begin without this link" });
      at("faults").append("\n", link);
    }
  }
  const ACTIVE = ["play", "step", "restart", "save-csv", "save-nc", "save-svg", "save-png", "save-toml", "link", "calm"];
  function busy(on) { ACTIVE.forEach((id) => { at(id).disabled = on; }); }

  // --- a war begins ---
  function opened(about) {
    setting = false;
    own = wanted.scenario.includes("=") || wanted.scenario.includes("\n") ? wanted.scenario : null;
    if (own) { try { sessionStorage.setItem("holdfast-scenario", own); } catch { /* a private window */ } }
    war = { source: () => own || about.scenario, about, day: 0, pulls: about.pulls, codes: new Uint8Array(about.film.billets), playing: false, ended: false, side: about.sides[0], followed: null };
    at("own").hidden = !own;
    at("own").textContent = about.title;
    at("scenario").value = own ? "" : about.scenario;
    at("seed").value = about.seed;
    at("days").max = about.days;
    at("question").textContent = about.question;
    at("caveats").replaceChildren(...about.caveats.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
    at("log").replaceChildren();
    at("soldier").innerHTML = "";
    at("soldier").append(Object.assign(document.createElement("p"), { className: "hint", textContent: "Click a billet in the picture. Each soldier is drawn by a hash of a number; they are nobody." }));
    const colour = at("colour"), chosen = wanted.coloured_by || "fate";
    colour.replaceChildren(...about.colourings.map((one) => new Option(one.title, one.name, false, one.name === chosen)));
    layOut();
    war.charts = new Series.Charts(at("charts"), about);
    key();
    pulls();
    busy(false);
    playing(false);
    dated();
    const grain = about.men_per_billet;
    status(`One billet is ${grain === 1 ? "one man" : `${grain} men`}: ${said(about.film.billets)} billets.`);
    Difference.clear();
    if (war.pulls.length) Difference.ask(war);
    say({ do: "speed", days: Number(at("speed").value) });
    document.body.dataset.war = "open";
  }
  function told(head) {
    war.day = head.day;
    war.ended = head.ended;
    if (head.days.length) {
      war.charts.add(head.days);
      war.last = head.days.at(-1);
      const lines = head.days.flatMap((day) => day.log.map((words) => [day, words]));
      for (const [day, words] of lines) {
        const line = document.createElement("li"), when = document.createElement("time");
        when.textContent = `day ${day.day + 1}, ${day.date}`;
        line.append(when, words);
        at("log").prepend(line);
      }
      while (at("log").childElementCount > 400) at("log").lastChild.remove();
      head.days.filter((day) => day.soldier).forEach((day) => Soldier.add(day));
      front(war.last);
      draw();
      Difference.here(war);
    }
    dated();
    if (head.catching_up) status(`Running to the day of the link: ${said(head.catching_up)} days left…`);
    else if (head.ended) { status("The last day of the scenario has passed."); playing(false); }
    else if (at("status").textContent.startsWith("Running to")) status("");
    remember();
    document.body.dataset.day = war.day;
  }
  let drawn = 0, later = 0;
  function draw() { // charts need no more than ten pictures a second
    const wait = 100 - (performance.now() - drawn);
    if (wait > 0) { later ||= setTimeout(() => { later = 0; draw(); }, wait); return; }
    drawn = performance.now();
    war.charts.draw();
  }
  function dated() {
    const date = new Date(`${war.about.start}T00:00:00Z`);
    date.setUTCDate(date.getUTCDate() + war.day);
    at("date").textContent = `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" })} · day ${said(war.day)}`;
    at("days").value = war.day;
    const there = war.last ? war.about.titles.map((title, side) => `${title} ${said(war.last.side.present[side])} men present`).join(", ") : war.about.titles.join(" and ");
    canvas.setAttribute("aria-label", `Picture of both armies, ${at("date").textContent}: ${there}`);
  }

  // --- the picture ---
  const canvas = at("canvas"), pen = canvas.getContext("2d", { alpha: false });
  const ink = (hex) => (0xff000000 | parseInt(hex.slice(5, 7), 16) << 16 | parseInt(hex.slice(3, 5), 16) << 8 | parseInt(hex.slice(1, 3), 16)) >>> 0;
  const dark = () => document.documentElement.dataset.theme === "dark";
  function colourOf(side, code) {
    const film = war.about.film, by = at("colour").value;
    if (code >= FIRST_LEVEL) return by === "fate" ? (dark() ? DARK_TINTS : film.tints)[side] : LEVELS[Math.min(LEVELS.length - 1, Math.round((code - FIRST_LEVEL) * (LEVELS.length - 1) / levels(by)))];
    const fate = film.fates[code];
    if (code === PRESENT) return film.tints[side];
    return (dark() ? DARK_FATES[fate] : film.colours[code]) || background();
  }
  const levels = (by) => Math.max(1, war.about.colourings.find((one) => one.name === by).edges.length);
  const background = () => getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
  function layOut() {
    const film = war.about.film, room = Math.max(300, at("scroller").clientWidth - 2), high = Math.max(320, innerHeight - 222);
    // As wide as it takes for the whole picture to be seen at once; the armies do not fill it evenly, so it is tried.
    for (let wide = Math.max(room, Math.sqrt(film.billets * 1.2 * room / high)), tries = 0; tries < 8; tries++, wide *= 1.09) {
      const scale = at("close").checked ? 1 : Math.min(1, room / wide);
      war.plan = Soldiers.layOut(film, () => false, { width: Math.ceil(wide), area: room * high * (0.85 - 0.08 * tries), sideStrip: 18 / scale, frontStrip: 32 / scale });
      if (at("close").checked || war.plan.tall / war.plan.across <= high / room) break;
    }
    const { across, tall, size } = war.plan;
    canvas.width = across;
    canvas.height = tall;
    at("picture").classList.toggle("close", at("close").checked);
    canvas.style.width = at("close").checked ? `${across * size}px` : "";
    canvas.style.imageRendering = size > 1 || at("close").checked ? "pixelated" : "auto";
    war.image = pen.createImageData(across, tall);
    war.pixels = new Uint32Array(war.image.data.buffer);
    repaint();
    labels();
  }
  function palette() { return [0, 1].map((side) => Uint32Array.from({ length: 32 }, (_, code) => ink(colourOf(side, code)))); }
  function repaint() {
    const { cellOf, sideOf } = war.plan, inks = war.inks = palette(), { codes, pixels } = war;
    pixels.fill(ink(background()));
    for (let i = 0; i < codes.length; i++) if (cellOf[i] >= 0 && codes[i]) pixels[cellOf[i]] = inks[sideOf[i]][codes[i]];
    pen.putImageData(war.image, 0, 0);
    legend();
  }
  function paint(count, raw) {
    const { cellOf, sideOf } = war.plan, { codes, pixels, inks } = war;
    const middle = count, high = 2 * count, code = 3 * count;
    for (let i = 0, spot = -1; i < count; i++) {
      spot += raw[i] + 256 * raw[middle + i] + 65536 * raw[high + i];
      codes[spot] = raw[code + i];
      if (cellOf[spot] >= 0) pixels[cellOf[spot]] = inks[sideOf[spot]][codes[spot]];
    }
    pen.putImageData(war.image, 0, 0);
    document.body.dataset.painted = "yes";
  }
  function labels() {
    const { across, tall, columns, strip, frontTop, middleStrip } = war.plan, film = war.about.film, home = at("picture");
    home.querySelectorAll(".label").forEach((old) => old.remove());
    const label = (kind, x, y, width, height) => {
      const box = document.createElement("div");
      box.className = `label ${kind}`;
      Object.assign(box.style, { left: `${100 * x / across}%`, top: `${100 * y / tall}%`, width: `${100 * width / across}%`, height: `${100 * height / tall}%` });
      home.append(box);
      return box;
    };
    war.about.titles.forEach((title, side) => {
      label("side", 0, side ? tall - strip : 0, across, strip).textContent = title + (war.plan.reserveOf(side).length ? " (reserve in the rear)" : "");
    });
    war.signs = film.sectors.map((sector, k) => {
      const box = label("sector", columns[k].x, frontTop, columns[k].width, middleStrip), name = document.createElement("b"), state = document.createElement("span"), line = document.createElement("i");
      name.textContent = sector;
      box.title = sector;
      line.className = "front-line";
      box.append(line, name, state);
      return { box, state, line };
    });
    if (war.last) front(war.last);
  }
  function front(day) {
    war.signs.forEach(({ box, state, line: mark }, k) => {
      const broken = war.about.titles.filter((_, side) => day.broken[side][k]), km = day.line[k];
      const line = Math.abs(km) < 0.05 ? "0 km" : `${km > 0 ? "▼" : "▲"} ${Math.abs(km).toFixed(Math.abs(km) < 10 ? 1 : 0)} km`;
      // A bar from the middle of the strip towards those who lose ground: half of the way for 10 km, never out of the strip.
      const far = 48 * Math.tanh(km / 18);
      mark.style.top = `${Math.min(50, 50 + far)}%`;
      mark.style.height = `${Math.abs(far)}%`;
      mark.style.background = Math.abs(km) < 0.05 ? "var(--faint)" : `var(${km > 0 ? "--first" : "--second"})`;
      state.textContent = broken.length ? `${line} · ${box.clientWidth > 110 ? `${broken.join(", ")} ` : ""}broken` : line;
      box.classList.toggle("broken", broken.length > 0);
      box.title = `${war.about.sectors[k]}: ${line}${broken.length ? `, ${broken.join(" and ")} broken` : ""}`;
    });
  }
  function legend() {
    const film = war.about.film, by = war.about.colourings.find((one) => one.name === at("colour").value), parts = [];
    const entry = (colour, words) => {
      const span = document.createElement("span"), box = document.createElement("i");
      box.style.background = colour;
      span.append(box, words);
      parts.push(span);
    };
    if (by.name === "fate") war.about.titles.forEach((title, side) => entry(colourOf(side, FIRST_LEVEL), `${title} present`));
    else {
      const shown = [0, ...by.edges.map((_, i) => i + 1)];
      shown.forEach((level) => entry(colourOf(0, FIRST_LEVEL + level), level === 0 ? `below ${by.edges[0]}` : level === by.edges.length ? `${by.edges[level - 1]} and more ${by.unit}` : `${by.edges[level - 1]}`));
    }
    film.fates.forEach((fate, code) => { if (code !== PRESENT && code > 0 && (by.name === "fate" || fate === "vacant")) entry(colourOf(0, code), fate); });
    at("legend").replaceChildren(...parts);
  }
  function key() {
    const parts = war.about.titles.map((title, side) => {
      const span = document.createElement("span"), line = document.createElement("i");
      line.className = "line";
      line.style.borderColor = `var(${side ? "--second" : "--first"})`;
      span.append(line, title);
      return span;
    });
    const span = document.createElement("span"), line = document.createElement("i");
    line.className = "line dash";
    span.append(line, "the twin: same luck, nothing pulled");
    at("key").replaceChildren(...parts, span);
  }

  // --- whose billet is this? by pointer, by arrow keys ---
  let cursor = null;
  function spotAt({ x, y }) { return war.plan.billetAt[y * war.plan.across + x] ?? -1; }
  function words(spot) {
    const { blocks, blockOf } = war.plan, film = war.about.film, block = blocks[blockOf[spot]];
    const company = film.company ? `, company ${1 + Math.floor((spot - block.start) / film.company)}` : "";
    const code = war.codes[spot], by = war.about.colourings.find((one) => one.name === at("colour").value);
    const level = code - FIRST_LEVEL;
    const what = code < FIRST_LEVEL ? film.fates[code] : by.name === "fate" ? "present" : `${by.title.toLowerCase()} ${level === 0 ? `below ${by.edges[0]}` : level === by.edges.length ? `${by.edges[level - 1]} or more` : `${by.edges[level - 1]} to ${by.edges[level]}`} ${by.unit}`;
    return `${film.sides[block.side]}, ${block.name} (${block.sector})${company}: ${what}`;
  }
  function point() {
    const cross = at("cursor"), { size } = war.plan;
    cross.hidden = !(cursor && cursor.keys);
    const scale = canvas.clientWidth / war.plan.across;
    Object.assign(cross.style, { left: `${(cursor.x + 0.5) * scale}px`, top: `${(cursor.y + 0.5) * scale}px` });
    const spot = spotAt(cursor);
    at("tip").textContent = spot < 0 ? "" : words(spot);
    return size;
  }
  canvas.addEventListener("mousemove", (event) => {
    if (!war) return;
    const box = canvas.getBoundingClientRect(), scale = war.plan.across / box.width;
    cursor = { x: Math.floor((event.clientX - box.left) * scale), y: Math.floor((event.clientY - box.top) * scale) };
    point();
  });
  canvas.addEventListener("mouseleave", () => { at("cursor").hidden = true; });
  const follow = () => {
    const spot = cursor ? spotAt(cursor) : -1;
    if (spot < 0) return;
    war.followed = spot;
    Soldier.begin(words(spot));
    say({ do: "follow", billet: spot });
  };
  canvas.addEventListener("click", follow);
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (!war) return;
    if (event.key === "Enter") { event.preventDefault(); follow(); return; }
    const go = steps[event.key];
    if (!go) return;
    event.preventDefault();
    const far = event.shiftKey ? 50 : 1, from = cursor || { x: war.plan.across >> 1, y: war.plan.frontTop - 1 };
    cursor = { x: Math.max(0, Math.min(war.plan.across - 1, from.x + far * go[0])), y: Math.max(0, Math.min(war.plan.tall - 1, from.y + far * go[1])), keys: true };
    point();
  });

  // --- one soldier ---
  const Soldier = {
    rows: [],
    begin(whose) { this.rows = []; this.whose = whose; this.show(); },
    add(day) {
      if (day.soldier.billet !== war.followed) return;
      this.rows.push({ date: day.date, ...day.soldier });
      this.show();
    },
    show() {
      const home = at("soldier");
      home.replaceChildren(Object.assign(document.createElement("p"), { className: "hint", textContent: this.whose + (this.rows.length ? `, from ${this.rows.at(-1).home || "elsewhere"}` : ". Run on to see their days.") }));
      if (!this.rows.length) return;
      const table = document.createElement("table"), head = table.createTHead().insertRow(), body = table.createTBody();
      const box = Object.assign(document.createElement("div"), { className: "wide" });
      ["Day", "Risk believed, in 100 a month", "Wish to stay, nats", "Chance to leave, in 1,000", "What they did"].forEach((title, i) => head.append(Object.assign(document.createElement("th"), { textContent: title, scope: "col", className: i && i < 4 ? "number" : "" })));
      for (const row of this.rows.slice(-12).reverse()) {
        const line = body.insertRow(), there = row.stay !== undefined;
        const cells = there ? [row.date, (row.risk_believed * 3043.75).toFixed(1), row.stay.toFixed(2), (row.p_leave * 1000).toFixed(2), row.what] : [row.date, "", "", "", row.fate];
        cells.forEach((text, i) => { line.insertCell().textContent = text; if (i && i < 4) line.lastChild.className = "number"; });
      }
      box.append(table);
      home.append(box);
    },
  };
  window.Soldier = Soldier;

  // --- pulling ---
  function latest(side, what) {
    const all = war.pulls.filter((one) => one.side === side && one.what === what);
    return all.length ? all.reduce((a, b) => (b.day >= a.day ? b : a)).amount : 0;
  }
  const share = (value) => (value === 0 ? "as it is" : `${Math.round(100 * Math.abs(value))} % ${value > 0 ? "extreme" : "calm"}`);
  function pulls() {
    const { about } = war;
    at("whose").replaceChildren(...about.sides.map((side, i) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: about.titles[i] });
      button.setAttribute("aria-pressed", side === war.side);
      button.addEventListener("click", () => { war.side = side; pulls(); });
      return button;
    }));
    at("pressures").replaceChildren(...about.pressures.map((one) => {
      const box = Object.assign(document.createElement("div"), { className: "pressure" }), label = document.createElement("label"), shown = document.createElement("output");
      const slider = Object.assign(document.createElement("input"), { type: "range", min: -1, max: 1, step: 0.1, id: `pull-${one.name}`, value: latest(war.side, one.name) });
      label.htmlFor = slider.id;
      const title = document.createElement("span");
      title.textContent = one.title;
      label.append(title, shown);
      const say_ = () => { shown.textContent = share(Number(slider.value)); slider.setAttribute("aria-valuetext", shown.textContent); };
      say_();
      slider.disabled = !about.can[war.side].includes(one.name);
      box.title = `Calm: ${one.calm} (${one.levels[war.side][0]}). Extreme: ${one.extreme} (${one.levels[war.side][1]}).`;
      slider.addEventListener("input", say_);
      slider.addEventListener("change", () => say({ do: "put", side: war.side, what: one.name, amount: Number(slider.value) }));
      box.append(label, slider);
      return box;
    }));
    at("effects").replaceChildren(...about.effects.map((one) => {
      const label = Object.assign(document.createElement("label"), { className: "effect" }), words = document.createElement("span"), more = document.createElement("small");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: latest(war.side, `effect:${one.name}`) > 0, id: `pull-${one.name}-${war.side}` });
      box.addEventListener("change", () => say({ do: "put", side: war.side, what: `effect:${one.name}`, amount: box.checked ? 1 : 0 }));
      more.textContent = one.about + (one.own ? " The scenario has it by itself too." : "");
      words.append(one.title, more);
      label.append(box, words);
      return label;
    }));
  }
  at("calm").addEventListener("click", () => {
    const seen = new Set(war.pulls.map((one) => `${one.side} ${one.what}`));
    [...seen].forEach((both) => {
      const [side, what] = both.split(" ");
      if (latest(side, what)) say({ do: "put", side, what, amount: 0 });
    });
    at("pressures").querySelectorAll("input").forEach((slider) => { slider.value = 0; slider.dispatchEvent(new Event("input")); });
    at("effects").querySelectorAll("input").forEach((box) => { box.checked = false; });
  });

  // --- running ---
  function playing(on) {
    war.playing = on;
    at("play").textContent = on ? "❚❚ Pause" : "▶ Play";
    at("play").setAttribute("aria-pressed", on);
  }
  const toggle = () => {
    if (war.ended) return begin();
    playing(!war.playing);
    say({ do: "play", on: war.playing });
    return undefined;
  };
  function begin(changes = {}) { open({ ...wanted, day: 0, pulls: [], coloured_by: at("colour").value, seed: Number(at("seed").value), ...changes }); }
  at("play").addEventListener("click", toggle);
  at("step").addEventListener("click", () => say({ do: "step", days: 1 }));
  at("restart").addEventListener("click", () => begin());
  at("speed").addEventListener("change", () => say({ do: "speed", days: Number(at("speed").value) }));
  at("seed").addEventListener("change", () => { if (at("seed").checkValidity() && at("seed").value !== "") begin(); });
  at("scenario").addEventListener("change", () => { if (at("scenario").value) begin({ scenario: at("scenario").value }); else if (own) begin({ scenario: own }); });
  at("colour").addEventListener("change", () => { repaint(); say({ do: "colour", by: at("colour").value }); remember(true); });
  at("close").addEventListener("change", layOut);
  at("upload").addEventListener("click", () => at("file").click());
  at("file").addEventListener("change", async () => {
    const [file] = at("file").files;
    at("file").value = "";
    if (!file) return;
    if (file.size > 200000) { faults({ message: `${file.name}: found ${said(file.size)} bytes; allowed: at most 200,000. Take out what is not of the scenario.` }); return; }
    begin({ scenario: await file.text() });
  });
  document.addEventListener("keydown", (event) => {
    if (!war || /^(INPUT|SELECT|TEXTAREA|BUTTON|SUMMARY|A)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") { event.preventDefault(); toggle(); }
    if (event.key === ".") say({ do: "step", days: 1 });
    if (event.key === "r") begin();
  });
  addEventListener("theme", () => { if (war && war.plan) repaint(); });
  let resizing = 0;
  addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(() => { if (war) layOut(); }, 200); });
  addEventListener("pagehide", () => remember(true));

  // --- saving ---
  function save(name, blob) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  const called = (ending) => `holdfast-${war.about.scenario}-seed-${war.about.seed}-day-${war.day}.${ending}`;
  at("save-csv").addEventListener("click", () => save(called("csv"), new Blob([war.charts.csv()], { type: "text/csv" })));
  at("save-svg").addEventListener("click", () => save(called("svg"), new Blob([war.charts.svg()], { type: "image/svg+xml" })));
  at("save-png").addEventListener("click", () => canvas.toBlob((blob) => save(called("png"), blob), "image/png"));
  at("save-nc").addEventListener("click", () => say({ do: "save", what: "netcdf" }));
  at("save-toml").addEventListener("click", () => say({ do: "save", what: "toml" }));
  at("link").addEventListener("click", async () => {
    remember(true);
    if (own) { status("A link cannot hold a scenario of your own: save it as TOML and send that."); return; }
    const link = new URL(address(), location.href).href;
    try { await navigator.clipboard.writeText(link); status("The link is copied; it brings back scenario, seed, day and what was pulled."); } catch { status(link); }
  });

  connect(fromAddress());
})();
