"use strict";

/* Keys of the catalogue: « / » searches, arrows walk the panes, « n » adds, « ? » helps. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const panes = [...document.querySelectorAll("#panes .pane")];
  const links = (pane) => [...pane.querySelectorAll("li a, tbody a")];
  const typing = event.target.closest("input, select, textarea, [contenteditable], dialog");

  if (typing) {
    if (event.target.id !== "catalogue-search" || event.key !== "ArrowDown") return;
    links(panes.at(-1))[0]?.focus();
    event.preventDefault();
    return;
  }
  if (event.key === "/") {
    document.getElementById("catalogue-search").select();
  } else if (event.key === "?") {
    document.getElementById("catalogue-help").showModal();
  } else if (event.key === "n") {
    document.querySelector("#panes [data-key=n]")?.click();
  } else if (event.key.startsWith("Arrow")) {
    const here = panes.findIndex((pane) => pane.contains(document.activeElement));
    if (here < 0) {
      links(panes.at(-1))[0]?.focus();
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const there = links(panes[here + (event.key === "ArrowLeft" ? -1 : 1)] ?? panes[here]);
      (there.find((link) => link.hasAttribute("aria-current")) ?? there[0])?.focus();
    } else {
      const lines = links(panes[here]);
      const next = lines.indexOf(document.activeElement) + (event.key === "ArrowUp" ? -1 : 1);
      lines[Math.max(0, Math.min(next, lines.length - 1))].focus();
    }
  } else {
    return;
  }
  event.preventDefault();
});

/* The panes are written again when one chooses: the keyboard stays where it was. */
let chosen = null;
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  chosen = target.closest("li a, tbody a")?.getAttribute("href") ?? null;
});
document.addEventListener("htmx:afterSettle", () => {
  if (chosen === null) return;
  const links = [...document.querySelectorAll("#panes li a")];
  links.find((link) => link.getAttribute("href") === chosen)?.focus({ preventScroll: true });
  chosen = null;
});

/* A long pane is searched where it stands, without accents nor capitals. */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
document.addEventListener("input", ({ target }) => {
  if (!target.matches(".pane-filter")) return;
  const words = plain(target.value).split(/\s+/);
  for (const line of target.closest(".pane").querySelectorAll("li")) {
    const text = plain(line.textContent);
    line.hidden = !words.every((word) => text.includes(word));
  }
});
