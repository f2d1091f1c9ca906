// What was lost: the page of the losses; and any claim judged as it is typed.
"use strict";
(() => {
  const at = (id) => document.getElementById(id), { element } = window.Work;
  const about = JSON.parse(at("about").textContent);
  const PAUSE = 350, EXAMPLES = about.examples;
  let fitted = false, waiting = 0, under = null, judged = null;
  const place = new window.Work.Place("work", ({ kind }) => {
    if (kind === "progress") return;
    fitted = true; // or nothing more is to be waited for
    if (at("claim").value.trim()) judge();
    else if (kind === "done") window.Work.post("/answers/judge", { war: at("war").value, claim: EXAMPLES[at("war").value][0] }); // so that the first claim typed waits for nothing
  });
  const say = (words) => { at("claim-status").textContent = words; };
  const request = () => ({ war: at("war").value, claim: at("claim").value.trim() });
  function reconcile() {
    fitted = false;
    window.Work.remember(at("form"));
    place.start("losses", { war: at("war").value });
    at("examples").replaceChildren(...EXAMPLES[at("war").value].flatMap((text, i) => {
      const button = element("button", { type: "button", className: "quiet example", textContent: text });
      button.addEventListener("click", () => { at("claim").value = text; judge(); });
      return i ? [" ", button] : [button];
    }));
  }
  function clear() {
    for (const id of ["verdict", "claim-faults"]) at(id).hidden = true;
    judged = null;
  }
  async function judge() {
    clearTimeout(waiting);
    if (under) under.abort();
    const wanted = request();
    if (!wanted.claim) { clear(); say(""); return; }
    if (!fitted) { say("The evidence is being fitted first; the claim is judged as soon as that is done."); return; }
    under = new AbortController();
    const began = performance.now(), slow = setTimeout(() => say("Judging… The first claim waits some seconds, until the evidence is read."), 300);
    let heard;
    try { heard = await window.Work.post("/answers/judge", wanted, under.signal); } catch { clearTimeout(slow); return; }
    clearTimeout(slow);
    clear();
    if (heard.kind !== "answer") {
      say("");
      at("claim-faults").textContent = window.Work.faultText(heard);
      at("claim-faults").hidden = false;
      return;
    }
    judged = wanted;
    show(heard);
    say(`Judged in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  }
  function show(heard) {
    at("verdict-title").textContent = heard.title;
    at("verdict-about").textContent = heard.about;
    at("verdict-words").textContent = `${heard.words[0].toUpperCase()}${heard.words.slice(1)}.`;
    at("verdict-words").className = `verdict-${heard.verdict.replace(" ", "-")}`;
    at("verdict-sentences").textContent = heard.sentences.join(" ");
    at("readings").tBodies[0].replaceChildren(...heard.readings.map((one, i) => {
      const row = element("tr", {});
      row.append(element("th", { scope: "row", textContent: one.says + (i ? "" : " (as said)") }));
      for (const [text, name] of [[one.evidence, "number"], [one.chance, "number"], [one.words, ""]]) row.append(element("td", { textContent: text, className: name }));
      return row;
    }));
    at("readings").parentElement.hidden = !heard.readings.length;
    at("arithmetic").replaceChildren(...heard.arithmetic.map((text) => element("p", { textContent: text })));
    at("card").hidden = !heard.readings.length;
    at("card-files").textContent = "";
    at("card-picture").hidden = true;
    at("verdict").hidden = false;
  }
  async function card() {
    const wanted = judged;
    at("card").disabled = true;
    at("card-files").textContent = "Drawing…";
    const heard = await window.Work.post("/answers/card", wanted);
    at("card").disabled = false;
    if (wanted !== judged) return;
    if (heard.kind !== "answer") { at("card-files").textContent = window.Work.faultText(heard); return; }
    const links = Object.entries(heard.files).map(([ending, address]) => element("a", { href: `${address}?download`, textContent: ending.toUpperCase() }));
    at("card-files").replaceChildren("Download: ", ...links.flatMap((one, i) => (i ? [" · ", one] : [one])));
    at("card-picture").src = heard.files.svg;
    at("card-picture").alt = `Card of the claim. ${at("verdict-title").textContent}. ${at("verdict-words").textContent} ${at("verdict-sentences").textContent}`;
    at("card-picture").hidden = false;
  }
  at("claim").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(judge, PAUSE); });
  at("claim").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); judge(); } });
  at("form").addEventListener("submit", (event) => event.preventDefault());
  at("card").addEventListener("click", card);
  at("war").addEventListener("change", () => { clear(); reconcile(); });
  const chosen = new URLSearchParams(location.hash.slice(1)).get("war");
  if (chosen && EXAMPLES[chosen]) at("war").value = chosen;
  reconcile();
})();
