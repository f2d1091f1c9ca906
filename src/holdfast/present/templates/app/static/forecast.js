// A forecast from a day on: the form, and the work that it asks for.
"use strict";
(() => {
  const form = document.getElementById("form"), place = new window.Work.Place("work");
  const restored = window.Work.recall(form);
  const start = () => { window.Work.remember(form); place.start("forecast", window.Work.values(form)); };
  form.addEventListener("submit", (event) => { event.preventDefault(); start(); });
  if (restored && window.Work.reloaded()) start();
})();
