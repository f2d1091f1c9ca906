// Lays the billets of two armies out: they face each other, columns are sectors, reserves stand in the rear. A brigade is a block
// of bands about as high as a company is wide; billets fill each band column by column, so a company is a patch, and men who
// leave together are seen together. `about` has the billets in blocks (`blocks`), `sides`, `sectors` and `company`, the billets of
// a company; `closed(i)` says of a billet that there never was a post. `options`: the widest picture and its area in pixels, and
// the room beside the armies for words.
"use strict";
window.Soldiers = { layOut(about, closed, { width, area, sideStrip, frontStrip, least = 1, most = 8 }) {
  const billets = about.billets, sideOf = new Uint8Array(billets), blockOf = new Uint16Array(billets);
  const blocks = about.blocks.map(([name, side, sector, start], i) => ({
    name, side: about.sides.indexOf(side), sector, start, end: i + 1 < about.blocks.length ? about.blocks[i + 1][3] : billets,
  }));
  blocks.forEach((block, i) => { sideOf.fill(block.side, block.start, block.end); blockOf.fill(i, block.start, block.end); });
  for (const block of blocks) {
    block.open = 0;
    for (let i = block.start; i < block.end; i++) block.open += closed(i) ? 0 : 1;
  }
  function bands(open, width) {
    const rows = Math.ceil(open / width);
    const many = Math.max(1, Math.round(rows / Math.sqrt(about.company || 100)));
    return Array.from({ length: many }, (_, k) => Math.floor(rows / many) + (k < rows % many ? 1 : 0));
  }
  const posts = blocks.reduce((sum, block) => sum + block.open, 0);
  const size = Math.max(least, Math.min(most, Math.floor(Math.sqrt(area / posts))));
  const widest = Math.floor(width / size), gap = Math.max(1, Math.round(4 / size));
  const inSector = (side, sector) => blocks.filter((b) => b.side === side && b.sector === sector && b.open);
  const reserveOf = (side) => blocks.filter((b) => b.side === side && !about.sectors.includes(b.sector) && b.open);
  const weights = about.sectors.map((sector) => Math.max(1, ...about.sides.map((_, side) =>
    inSector(side, sector).reduce((sum, b) => sum + b.open, 0))));
  const room = widest - gap * (weights.length - 1), narrow = Math.min(Math.floor(44 / size), Math.floor(room / weights.length));
  const spare = room - narrow * weights.length, heavy = weights.reduce((a, b) => a + b, 0);
  let edge = 0;
  const columns = weights.map((weight) => {
    const column = { x: edge, width: narrow + Math.floor(spare * weight / heavy) };
    edge += column.width + gap;
    return column;
  });
  const across = edge - gap;
  const spots = []; // [block, x, width, first row outward from the front], by side
  const depth = about.sides.map((_, side) => {
    let deep = 0;
    about.sectors.forEach((sector, k) => {
      let row = 0;
      for (const block of inSector(side, sector)) {
        spots.push([block, columns[k].x, columns[k].width, row]);
        row += Math.ceil(block.open / columns[k].width) + gap;
      }
      deep = Math.max(deep, row);
    });
    const rest = reserveOf(side), abreast = Math.min(8, rest.length);
    if (rest.length) deep += Math.max(2, Math.round(8 / size));
    for (let i = 0; i < rest.length; i += abreast) {
      const width = Math.floor((across - gap * (abreast - 1)) / abreast);
      const rank = rest.slice(i, i + abreast);
      rank.forEach((block, j) => spots.push([block, j * (width + gap), width, deep]));
      deep += 1 + Math.max(...rank.map((block) => Math.ceil(block.open / width)));
    }
    return deep;
  });
  const strip = Math.ceil(sideStrip / size), middleStrip = Math.ceil(frontStrip / size);
  const frontTop = strip + depth[0], frontBottom = frontTop + middleStrip;
  const tall = frontBottom + (depth[1] || 0) + strip;
  const cellOf = new Int32Array(billets).fill(-1), billetAt = new Int32Array(across * tall).fill(-1);
  for (const [block, x, width, first] of spots) {
    const heights = bands(block.open, width);
    for (let i = block.start, band = 0, row = first, seat = 0; i < block.end; i++) {
      if (closed(i)) continue;
      if (seat === heights[band] * width) { row += heights[band++]; seat = 0; }
      const out = row + seat % heights[band];
      const y = block.side === 0 ? frontTop - 1 - out : frontBottom + out;
      cellOf[i] = y * across + x + Math.floor(seat / heights[band]);
      billetAt[cellOf[i]] = i;
      seat++;
    }
  }
  return { blocks, sideOf, blockOf, size, across, tall, columns, strip, middleStrip, frontTop, frontBottom, cellOf, billetAt, reserveOf };
} };
