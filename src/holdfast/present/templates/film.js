// The film: unpacks what holdfast.io.film packed, has the billets laid out (soldiers.js), plays and scrubs.
// Every change keeps the code before it, so the film runs backwards as well as forwards and any
// day is reached by deltas alone.
"use strict";
(async () => {
  const at = (id) => document.getElementById(id);
  if (!at("film-about")) return;
  const about = JSON.parse(at("film-about").textContent);
  const CLOSED = 0, PRESENT = 2, WIDTH = 960, AREA = 960 * 560;
  const SIDE_STRIP = 22, FRONT_STRIP = 44;

  // --- unpack ---
  async function inflate(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  const raw = await inflate(at("film-data").textContent);
  const billets = about.billets, changes = about.changes;
  const total = changes.reduce((sum, count) => sum + count, 0);
  const frame = raw.slice(0, billets);
  const [low, middle, high, code] = [0, 1, 2, 3].map((i) => raw.subarray(billets + i * total, billets + (i + 1) * total));
  const place = new Uint32Array(total), before = new Uint8Array(total), starts = [0];
  const {
    blocks, sideOf, blockOf, size, across, tall, columns, strip, middleStrip, frontTop, cellOf, billetAt, reserveOf,
  } = Soldiers.layOut(about, (i) => frame[i] === CLOSED, { width: WIDTH, area: AREA, sideStrip: SIDE_STRIP, frontStrip: FRONT_STRIP });
  const counts = about.sides.map(() => new Array(about.fates.length).fill(0));
  for (let i = 0; i < billets; i++) counts[sideOf[i]][frame[i]]++;
  for (let day = 0, i = 0; day < changes.length; day++) {
    for (let spot = -1, end = i + changes[day]; i < end; i++) {
      spot += low[i] + 256 * middle[i] + 65536 * high[i];
      place[i] = spot;
    }
    starts.push(i);
  }

  // --- paint ---
  const ink = (hex) => 0xff000000 | parseInt(hex.slice(5, 7), 16) << 16 | parseInt(hex.slice(3, 5), 16) << 8 | parseInt(hex.slice(1, 3), 16);
  const palette = about.sides.map((_, side) => about.fates.map((_, fate) =>
    fate === CLOSED ? ink("#ffffff") : ink(fate === PRESENT ? about.tints[side] : about.colours[fate])));
  const canvas = at("film-canvas"), stage = at("film-stage"), pen = canvas.getContext("2d");
  canvas.width = across; canvas.height = tall;
  canvas.style.width = `${across * size}px`; canvas.style.height = `${tall * size}px`;
  stage.style.width = canvas.style.width;
  const image = pen.createImageData(across, tall), pixels = new Uint32Array(image.data.buffer).fill(ink("#ffffff"));
  for (let i = 0; i < billets; i++) if (cellOf[i] >= 0) pixels[cellOf[i]] = palette[sideOf[i]][frame[i]];

  function change(i, fate) {
    const spot = place[i], side = sideOf[spot];
    counts[side][frame[spot]]--;
    counts[side][fate]++;
    frame[spot] = fate;
    if (cellOf[spot] >= 0) pixels[cellOf[spot]] = palette[side][fate];
  }
  let today = 0;
  function seek(day, remember = false) {
    for (; today < day; today++) {
      for (let i = starts[today]; i < starts[today + 1]; i++) {
        if (remember) before[i] = frame[place[i]];
        change(i, code[i]);
      }
    }
    for (; today > day; today--) for (let i = starts[today] - 1; i >= starts[today - 1]; i--) change(i, before[i]);
  }
  seek(changes.length, true);

  // --- labels ---
  function label(kind, x, y, width, height) {
    const box = document.createElement("div");
    box.className = `label ${kind}`;
    Object.assign(box.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
    stage.append(box);
    return box;
  }
  about.sides.forEach((side, i) => {
    const box = label("side", 0, i === 0 ? 0 : (tall - strip) * size + 4, across * size, SIDE_STRIP);
    box.textContent = side + (reserveOf(i).length ? " (reserve in the rear)" : "");
  });
  const signs = about.sectors.map((sector, k) => {
    const box = label("sector", columns[k].x * size, frontTop * size + 2, columns[k].width * size, middleStrip * size - 4);
    const name = document.createElement("b"), state = document.createElement("span");
    name.textContent = sector;
    box.append(name, state);
    box.title = sector;
    return { box, state };
  });
  function mark() {
    if (!about.line) return;
    const day = Math.max(0, Math.min(today - 1, about.line[0].length - 1));
    signs.forEach(({ box, state }, k) => {
      const broken = about.sides.filter((_, side) => today > 0 && about.broken[side][k][day]);
      const km = today > 0 ? about.line[k][day] : 0;
      const width = columns[k].width * size;
      const far = Math.abs(km).toFixed(Math.abs(km) < 10 ? 1 : 0);
      const line = km === 0 ? "0 km" : `${km > 0 ? "▼" : "▲"} ${far} km`;
      state.textContent = broken.length ? (width > 150 ? `${line} · ${broken.join(", ")} broken` : width > 90 ? `${line} · broken` : "broken") : line;
      state.style.fontWeight = broken.length ? 600 : 400;
      box.style.borderTopColor = broken.includes(about.sides[0]) ? "#b00020" : "transparent";
      box.style.borderBottomColor = broken.includes(about.sides[1]) ? "#b00020" : "transparent";
    });
  }

  // --- counts, which are the legend too ---
  const table = at("film-counts"), cells = [];
  const said = (n) => Math.round(n * about.men).toLocaleString("en");
  const rows = about.sides.map((side) => {
    const row = table.tBodies[0].insertRow();
    row.append(Object.assign(document.createElement("th"), { textContent: side, scope: "row" }));
    return row;
  });
  about.fates.forEach((fate, f) => {
    if (f === CLOSED) return;
    const head = document.createElement("th");
    head.scope = "col";
    for (const colour of f === PRESENT ? about.tints : [about.colours[f]]) {
      head.append(Object.assign(document.createElement("span"), { className: "swatch", style: `background:${colour}` }));
    }
    head.append(fate);
    table.tHead.rows[0].append(head);
    cells.push(rows.map((row) => row.insertCell()));
  });

  // --- player ---
  const slider = at("film-day"), play = at("film-play"), speed = at("film-speed");
  const dates = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const dated = (day) => dates.format(new Date(`${about.dates[day]}T00:00:00Z`));
  slider.max = changes.length;
  function show(day) {
    seek(Math.max(0, Math.min(changes.length, day)));
    pen.putImageData(image, 0, 0);
    slider.value = today;
    slider.setAttribute("aria-valuetext", dated(today));
    at("film-date").textContent = dated(today);
    cells.forEach((row, i) => row.forEach((cell, side) => { cell.textContent = said(counts[side][i + 1]); }));
    canvas.setAttribute("aria-label", `${dated(today)}: ` + about.sides.map((side, i) => `${side} ${said(counts[i][PRESENT])} men present`).join(", "));
    mark();
    if (cursor) tell(cursor);
  }
  let playing = false, clock = 0, owed = 0;
  function tick(now) {
    if (!playing) return;
    owed += Math.min(0.25, (now - clock) / 1000) * Number(speed.value);
    clock = now;
    const days = Math.floor(owed);
    owed -= days;
    if (days) show(today + days);
    if (today >= changes.length) return run(false);
    requestAnimationFrame(tick);
  }
  function run(on) {
    playing = on;
    play.textContent = on ? "❚❚ Pause" : "▶ Play";
    play.setAttribute("aria-pressed", on);
    if (!on) return;
    if (today >= changes.length) show(0);
    clock = performance.now();
    owed = 0;
    requestAnimationFrame(tick);
  }
  play.addEventListener("click", () => run(!playing));
  slider.addEventListener("input", () => { run(false); show(Number(slider.value)); });

  // --- whose billet is this? by pointer or by arrow keys ---
  const tip = at("film-tip"), cross = at("film-cursor");
  let cursor = null;
  function since(spot) {
    for (let i = starts[today] - 1; i >= 0; i--) {
      if (place[i] === spot) {
        let day = today;
        while (starts[day - 1] > i) day--;
        return `, since ${dated(day)}`;
      }
    }
    return "";
  }
  function tell({ x, y }) {
    const spot = billetAt[y * across + x];
    cross.hidden = !(cursor && cursor.keys);
    Object.assign(cross.style, { left: `${(x + 0.5) * size}px`, top: `${(y + 0.5) * size}px` });
    if (spot === undefined || spot < 0) { tip.hidden = true; return; }
    const block = blocks[blockOf[spot]];
    const company = about.company ? `, company ${1 + Math.floor((spot - block.start) / about.company)}` : "";
    tip.textContent = `${about.sides[block.side]}, ${block.name} (${block.sector})${company}: ${about.fates[frame[spot]]}${since(spot)}`;
    tip.hidden = false;
    const right = Math.min((x + 1) * size + 12, across * size - tip.offsetWidth);
    const under = (y + 1) * size + 12 + tip.offsetHeight < tall * size;
    Object.assign(tip.style, { left: `${right}px`, top: `${under ? (y + 1) * size + 12 : y * size - 8 - tip.offsetHeight}px` });
  }
  canvas.addEventListener("mousemove", (event) => {
    const box = canvas.getBoundingClientRect();
    cursor = { x: Math.floor((event.clientX - box.left) / size), y: Math.floor((event.clientY - box.top) / size) };
    tell(cursor);
  });
  function forget() { cursor = null; tip.hidden = true; cross.hidden = true; }
  canvas.addEventListener("mouseleave", forget);
  canvas.addEventListener("blur", forget);
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return forget();
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1, from = cursor || { x: across >> 1, y: frontTop };
    cursor = {
      x: Math.max(0, Math.min(across - 1, from.x + far * step[0])),
      y: Math.max(0, Math.min(tall - 1, from.y + far * step[1])), keys: true,
    };
    tell(cursor);
  });
  at("film-player").addEventListener("keydown", (event) => {
    if (event.target === speed) return;
    if (event.key === " " && event.target !== play) { event.preventDefault(); run(!playing); }
    if (event.key === "." || event.key === ",") { run(false); show(today + (event.key === "." ? 1 : -1)); }
  });
  show(changes.length); // the end says most where nothing moves: on paper, and at a first glance
  document.body.dataset.film = "ready";
})();
