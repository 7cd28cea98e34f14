// Updates the status page: shows progress from the event stream, and reloads the rest when a pull or run has ended.
"use strict";
(() => {
  const live = document.getElementById("live");
  const said = document.getElementById("said");
  const bar = document.getElementById("bar");
  const pulls = document.getElementById("pulls");
  const PAUSE = 3000; // milliseconds between two reloads
  let due = 0;
  let dueAt = 0;
  let readAt = Date.now();
  let first = true;

  const announce = (text) => { if (said.textContent !== text) said.textContent = text; };
  const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

  function show(now) {
    const batch = now.batch;
    const asked = batch ? batch.pulled : 0;
    bar.hidden = !now.waiting;
    if (now.waiting) {
      bar.max = now.waiting + (now.running ? asked : 0);
      bar.value = now.running ? asked : 0;
      const failed = now.running && batch.failed ? `, ${batch.failed} failed` : "";
      announce(`Run in progress: ${now.running ? asked : 0} of ${count(bar.max, "source")} polled${failed}.`);
    } else if (batch) {
      announce(`No run in progress. The last one polled ${count(asked, "source")}: ` +
        `${batch.changed} changed, ${batch.unchanged} unchanged, ${batch.failed} failed.`);
    }
    pulls.hidden = !now.waiting || !now.pulls.length;
    pulls.replaceChildren(...now.pulls.map((one) => {
      const item = document.createElement("li");
      item.textContent = `${one.source}: ${one.outcome}${one.kind ? ` (${one.kind})` : ""}`;
      return item;
    }));
    if (!first) later(now.waiting ? 5 * PAUSE : PAUSE / 3);
    first = false;
  }

  function later(wait) {
    const at = Math.max(Date.now() + wait, readAt + PAUSE);
    if (due && dueAt <= at) return;
    clearTimeout(due);
    dueAt = at;
    due = setTimeout(read, at - Date.now());
  }

  async function read() {
    due = 0;
    readAt = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById("main");
      const main = document.getElementById("main");
      if (next && !main.contains(document.activeElement)) main.replaceWith(document.adoptNode(next));
      else if (next) later(PAUSE);
    } catch {
      later(5 * PAUSE);
    }
  }

  const events = new EventSource(live.dataset.events);
  events.onmessage = (message) => show(JSON.parse(message.data));
  addEventListener("pagehide", () => events.close());
})();
