// Light or dark: as the system has it, until the reader chooses.
"use strict";
(() => {
  const root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("holdfast-theme"); } catch { return null; } };
  const dark = () => (chosen() ? chosen() === "dark" : system.matches);
  const apply = () => { root.dataset.theme = dark() ? "dark" : "light"; dispatchEvent(new Event("theme")); };
  apply();
  system.addEventListener("change", apply);
  addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", () => {
      try { localStorage.setItem("holdfast-theme", dark() ? "light" : "dark"); } catch { /* a private window */ }
      apply();
    });
  });
})();
