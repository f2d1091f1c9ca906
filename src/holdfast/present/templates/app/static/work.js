// Work in the background: asks for it, shows how far it is, what is wrong, and at last its page and its files.
"use strict";
window.Work = (() => {
  const SILENT = "The page's server does not answer. Is the command still running?", LOST = 3; // calls in vain
  const element = (tag, values) => Object.assign(document.createElement(tag), values);
  const lasting = (seconds) => (seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`);
  // What a server says is wrong, in words.
  function faultText({ message, faults }) {
    if (!faults || !faults.length) return message || "The server gave no answer.";
    return faults.map((one) => `${one.place}: found ${one.value}; allowed: ${one.allowed}. ${one.cure}.${one.suggestion ? ` Did you mean ${one.suggestion}?` : ""}`).join("\n");
  }
  async function post(address, request, signal) {
    try {
      const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(request), signal });
      return await answer.json();
    } catch (fault) {
      if (fault.name === "AbortError") throw fault;
      return { kind: "fault", message: SILENT, faults: [] };
    }
  }
  class Place {
    constructor(id, hear = () => {}) {
      this.box = document.getElementById(id);
      this.hear = hear;
      this.part = (name) => this.box.querySelector(name);
      this.part(".stop").addEventListener("click", () => { this.stop(); this.hear({ kind: "stopped" }); });
    }
    async start(kind, request) {
      this.stop();
      const turn = (this.turn = {});
      for (const name of [".faults", ".outcome"]) this.part(name).hidden = true;
      this.began = performance.now();
      this.stage = null;
      this.progress({ what: "waiting for its turn" });
      const { job, ...fault } = await post(`/jobs/${kind}`, request);
      if (turn !== this.turn) return;
      if (!job) { this.fault(fault); return; }
      this.source = new EventSource(`/jobs/${job}/events`);
      let lost = 0;
      this.source.onopen = () => { lost = 0; };
      this.source.onerror = () => { if ((lost += 1) >= LOST) this.fault({ message: SILENT }); };
      this.source.onmessage = ({ data }) => {
        const heard = JSON.parse(data);
        if (heard.kind === "progress") this.progress(heard);
        if (heard.kind === "fault") this.fault(heard);
        if (heard.kind === "done") this.done(heard);
        this.hear(heard);
      };
    }
    // Ends the work too: nobody waits for it any more.
    stop() {
      this.turn = null;
      if (this.source) this.source.close();
      this.source = null;
      this.part(".running").hidden = true;
    }
    progress({ done, of, what }) {
      const bar = this.part("progress"), now = performance.now();
      if (this.stage !== what) { this.stage = what; this.staged = now; this.first = done || 0; }
      this.part(".running").hidden = false;
      if (done) { bar.max = of; bar.value = done; } else bar.removeAttribute("value");
      const share = done ? (done - this.first) / (of - this.first) : 0, spent = (now - this.staged) / 1000;
      const left = share > 0.05 && spent > 2 && share < 1 ? `, about ${lasting((spent / share) * (1 - share))} more of this` : "";
      const words = `${what[0].toUpperCase()}${what.slice(1)}${done ? ` (${Math.round((100 * done) / of)} %)` : "…"}${left}`;
      if (this.words !== words) this.part("[role=status]").textContent = this.words = words;
    }
    fault(heard) {
      this.stop();
      this.part(".faults").textContent = faultText(heard);
      this.part(".faults").hidden = false;
    }
    done(heard) {
      const took = (performance.now() - this.began) / 1000, frame = this.part("iframe");
      this.stop();
      this.part(".outcome").hidden = false;
      this.part(".says").replaceChildren(...(heard.says || []).map((text) => element("li", { textContent: text })));
      const files = (heard.files || []).map(({ name, address }) => element("a", { href: address, textContent: name }));
      const page = heard.page ? [element("a", { href: heard.page, target: "_blank", rel: "noopener", textContent: "the page by itself" })] : [];
      this.part(".files").replaceChildren(...[...page, ...files].flatMap((one, i) => [i ? " · " : "To download or open: ", one]), ...(took > 3 ? [` · it took ${lasting(took)}`] : []));
      this.part(".files").hidden = !files.length && !page.length;
      frame.hidden = !heard.page;
      if (heard.page && frame.getAttribute("src") !== heard.page) frame.src = heard.page;
    }
  }
  // The values of a form, as a request has them: nothing where a field is empty.
  function values(form) {
    const request = {};
    for (const field of form.elements) {
      if (!field.name || field.disabled) continue;
      if (field.type === "checkbox") request[field.name] = field.checked;
      else if (field.value !== "") request[field.name] = field.type === "number" || field.dataset.number !== undefined ? Number(field.value) : field.value;
    }
    return request;
  }
  // A form in the page's address, so that a link or a reload restores it.
  function remember(form) {
    const fields = new URLSearchParams();
    for (const field of form.elements) if (field.name && field.value.length < 200) fields.set(field.name, field.type === "checkbox" ? (field.checked ? "yes" : "no") : field.value);
    history.replaceState(null, "", `#${fields}`);
  }
  // Whether there was anything to restore.
  function recall(form) {
    const fields = new URLSearchParams(location.hash.slice(1));
    let any = false;
    for (const field of form.elements) {
      const value = field.name ? fields.get(field.name) : null;
      if (value === null || value.length > 200) continue;
      any = true;
      if (field.type === "checkbox") field.checked = value === "yes";
      else if (field.tagName !== "SELECT" || [...field.options].some((one) => one.value === value)) field.value = value;
      field.dispatchEvent(new Event("change"));
    }
    return any;
  }
  const reloaded = () => performance.getEntriesByType("navigation")[0]?.type === "reload";
  return { Place, faultText, element, post, recall, reloaded, remember, values };
})();
