"use strict";

/* Keys of the catalogue: « / » searches, arrows walk the panes, space ticks, « n » adds. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const panes = [...document.querySelectorAll("#panes .pane")];
  const links = (pane) => [...pane.querySelectorAll(".pane-body li a, tbody th a, #more a")];
  const typing = event.target.closest("input, select, textarea, [contenteditable], dialog, .menu, [popover]");

  if (typing) {
    if (event.target.id !== "catalogue-search" || !["ArrowDown", "Enter"].includes(event.key)) return;
    if (event.key === "ArrowDown") links(panes.at(-1))[0]?.focus();
    else if (event.target.value.trim()) openFirst(event.target);
    else return;
    event.preventDefault();
    return;
  }
  const row = document.activeElement?.closest("#panes tbody tr");
  if (event.key === "/") {
    document.getElementById("catalogue-search").select();
  } else if (event.key === "n") {
    document.querySelector("#panes [data-key=n]")?.click();
  } else if (event.key === " " && document.activeElement?.matches("tbody th a")) {
    row.querySelector("[name=product]")?.click();
  } else if (event.key === "f" && row) {
    row.querySelector(".star")?.click();
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

/* Enter opens the first product found, once what is typed has been looked for. */
let opens = false;
const openFirst = (search) => {
  const shown = new URLSearchParams(location.search).get("search") ?? "";
  opens = shown !== search.value.trim();
  if (opens) search.form.requestSubmit();
  else document.querySelector("#panes tbody th a")?.click();
};
document.addEventListener("htmx:afterSettle", () => {
  if (opens) document.querySelector("#panes tbody th a")?.click();
  opens = false;
});
document.addEventListener("input", ({ target }) => {
  if (target.id === "catalogue-search") opens = false;
});
/* The box is kept while one types in it; left, it says what the address looks for. */
document.addEventListener("htmx:afterSettle", () => {
  const search = document.getElementById("catalogue-search");
  if (search && search !== document.activeElement) {
    search.value = new URLSearchParams(location.search).get("search") ?? "";
  }
});

/* Back on this page, the keyboard is where one left it: on a link, or in the search. */
const left = () => `focus ${location.pathname}${location.search}`;
document.addEventListener("click", ({ target }) => {
  const link = target.closest("#panes a");
  if (!link) return;
  const searching = document.activeElement?.id === "catalogue-search";
  sessionStorage.setItem(left(), searching ? "" : link.getAttribute("href"));
});
const [arrival] = performance.getEntriesByType("navigation");
const place = sessionStorage.getItem(left());
if (place !== null && ["back_forward", "reload"].includes(arrival?.type)) {
  const links = [...document.querySelectorAll("#panes a")];
  const there = place
    ? links.find((link) => link.getAttribute("href") === place)
    : document.getElementById("catalogue-search");
  there?.focus();
}

/* What clears the filters goes away with them: the keyboard goes back to the search. */
let clears = false;
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  clears = target.matches("a.catalogue-clear:focus-visible, .pane-empty a:focus-visible");
});
document.addEventListener("htmx:afterSettle", () => {
  if (clears) document.getElementById("catalogue-search").focus({ preventScroll: true });
  clears = false;
});

/* The panes are written again when one chooses: the keyboard stays where it was. */
let chosen = null;
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  chosen = target.closest(".pane-body li a, .chip, thead a")?.getAttribute("href") ?? null;
});
// An answer may come while one is among the rows already: what is typed is looked for as it comes.
document.addEventListener("htmx:beforeSwap", () => {
  chosen ??= document.activeElement?.closest("#panes tbody th a")?.getAttribute("href") ?? null;
});
document.addEventListener("htmx:afterSettle", () => {
  if (chosen === null) return;
  const places = "#panes .pane-body li a, #panes .chip, #panes thead a, #panes tbody th a";
  const links = [...document.querySelectorAll(places)];
  links.find((link) => link.getAttribute("href") === chosen)?.focus({ preventScroll: true });
  chosen = null;
});

/* « Afficher plus » is replaced by what it brings: the keyboard goes on from there. */
let shown = null;
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  shown = target.matches("#more a") ? document.querySelectorAll("#panes tbody th a").length : null;
});
document.addEventListener("htmx:afterSettle", () => {
  if (shown === null) return;
  document.querySelectorAll("#panes tbody th a")[shown]?.focus({ preventScroll: true });
  shown = null;
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

/* On a small screen a pane folds: its title says what is chosen. */
document.addEventListener("click", ({ target }) => {
  const toggle = target.closest(".pane-toggle, .filters-toggle");
  if (!toggle) return;
  const isOpen = toggle.closest(".pane, .catalogue-filters").classList.toggle("is-open");
  toggle.setAttribute("aria-expanded", String(isOpen));
});

/* What is ticked stays so while one searches and filters; all boxes are ticked by one. */
const ticked = new Set();
const boxes = () => [...document.querySelectorAll("#panes tbody [name=product]")];
const tell = () => {
  const told = document.querySelector("#panes [data-picked]");
  const all = document.querySelector("#panes [data-pick-all]");
  if (!told || !all) return;
  const shown = boxes();
  const away = [...ticked].filter((key) => !shown.some((box) => box.value === key));
  const number = ticked.size;
  told.textContent = number ? `${number} ${number > 1 ? "produits cochés" : "produit coché"}` : "";
  if (away.length) told.textContent += `, dont ${away.length} hors de la liste`;
  document.querySelector("#panes [data-away]").replaceChildren(
    ...away.map((key) => Object.assign(document.createElement("input"), { type: "hidden", name: "product", value: key })),
  );
  const here = number - away.length;
  all.checked = here > 0 && here === shown.length;
  all.indeterminate = here > 0 && here < shown.length;
};
const count = () => {
  for (const box of boxes()) ticked[box.checked ? "add" : "delete"](box.value);
  tell();
};
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-pick-all]")) {
    for (const box of boxes()) box.checked = target.checked;
  }
  if (target.matches("[data-pick-all], [name=product]")) count();
});
document.addEventListener("reset", ({ target }) => {
  if (!target.querySelector("[data-picked]")) return;
  ticked.clear();
  setTimeout(tell);
});
document.addEventListener("htmx:afterSettle", () => {
  for (const box of boxes()) box.checked = ticked.has(box.value);
  tell();
});
window.addEventListener("pageshow", count);

/* A table wider than its place says on which side it goes on. */
const table = () => document.querySelector("#panes .pane-scroll");
const edges = () => {
  const place = table();
  if (!place) return;
  const hidden = place.scrollWidth - place.clientWidth;
  const before = Math.min(place.scrollLeft, hidden);
  place.classList.toggle("goes-on-left", before > 1);
  place.classList.toggle("goes-on-right", before < hidden - 1);
};
const resized = new ResizeObserver(edges);
const watchTable = () => {
  resized.disconnect();
  if (table()) resized.observe(table());
};
document.addEventListener("scroll", edges, { capture: true, passive: true });
document.addEventListener("htmx:afterSettle", watchTable);
watchTable();

/* One menu serves all the rows: it takes the key and the rights of the one that opens it. */
document.addEventListener("click", ({ target }) => {
  const button = target.closest(".row-button");
  if (!button) return;
  const { key, may } = button.dataset;
  for (const item of document.querySelectorAll("#row-menu > li")) {
    const { needs } = item.dataset;
    item.hidden = needs !== "" && !may.split(" ").includes(needs);
    for (const link of item.querySelectorAll("a")) link.href = link.dataset.link.replace("{key}", key);
    for (const deed of item.querySelectorAll("[data-value]")) {
      deed.value = deed.dataset.value.replace("{key}", key);
    }
    for (const deed of item.querySelectorAll("[data-action]")) {
      deed.formAction = deed.dataset.action.replace("{key}", key);
    }
    // A reason is of one product.
    for (const box of item.querySelectorAll("input")) box.value = "";
  }
});

/* What cannot be undone is asked once more. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-confirm]");
  if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
});
