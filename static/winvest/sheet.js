"use strict";

/* Keys of the sheet: left and right go from one tab to the other. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const tabs = [...document.querySelectorAll(".sheet-tabs a")];
  const here = tabs.indexOf(document.activeElement);
  if (here < 0) return;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step === undefined) return;
  tabs.at((here + step) % tabs.length).focus();
  event.preventDefault();
});

/* A number goes to its tab (typed with Shift on some keyboards), a letter to what it stands for. */
const elsewhere = "input, select, textarea, [contenteditable], dialog, [popover]";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(elsewhere)) return;
  if (event.key === "c") location.assign(document.querySelector(".keys").dataset.catalogue);
  const tabs = document.querySelectorAll(".sheet-tabs a");
  const found = {
    a: document.querySelector('.sheet-actions [data-key="a"]'),
    v: document.getElementById("sheet-version"),
  }[event.key] ?? (/^[1-9]$/.test(event.key) ? tabs[Number(event.key) - 1] : null);
  if (!found) return;
  event.preventDefault();
  found.focus();
  if (event.key !== "v") found.click();
});

/* A tab is chosen without the head: its form and its timeline keep the tab. */
const chosenTab = () => new URLSearchParams(location.search).get("onglet");
document.addEventListener("htmx:pushedIntoHistory", () => {
  const box = document.querySelector(".sheet-chooser [name=onglet]");
  if (box && chosenTab()) box.value = chosenTab();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest(".sheet-timeline a");
  if (!link || !chosenTab()) return;
  event.preventDefault();
  location.assign(`${link.getAttribute("href")}&onglet=${encodeURIComponent(chosenTab())}`);
});

/* The tab that is shown stands within the row of tabs, however narrow. */
function showTab() {
  const row = document.querySelector(".sheet-tabs");
  const tab = row?.querySelector("[aria-current]");
  if (!tab) return;
  const [whole, own] = [row.getBoundingClientRect(), tab.getBoundingClientRect()];
  row.scrollLeft += own.left + own.width / 2 - whole.left - whole.width / 2;
}
document.addEventListener("DOMContentLoaded", showTab);
document.addEventListener("htmx:afterSettle", showTab);

/* Price curves: the page carries the points, Chart.js draws them in the theme's colours. */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const drawn = new WeakSet();
function drawCurves() {
  for (const canvas of document.querySelectorAll(".sheet-chart")) {
    if (drawn.has(canvas) || typeof Chart === "undefined") continue;
    drawn.add(canvas);
    const { points, turned, axis, total, currency } = canvas.dataset;
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    const money = new Intl.NumberFormat("fr-FR", { style: "currency", currency });
    const round = new Intl.NumberFormat("fr-FR", {
      style: "currency",
      currency,
      minimumFractionDigits: 0,
    });
    const number = new Intl.NumberFormat("fr-FR");
    const ink = colour("--ink-faint");
    const scale = (text, ticks) => ({
      type: "linear",
      title: { display: true, text, color: ink },
      ticks: { color: ink, callback: ticks },
      grid: { color: colour("--line") },
      border: { display: false },
    });
    new Chart(canvas, {
      type: "scatter",
      data: {
        datasets: [
          {
            data: JSON.parse(turned),
            backgroundColor: colour("--danger-mark"),
            borderColor: colour("--ground"),
            pointRadius: 8,
            pointHoverRadius: 10,
            pointStyle: "triangle",
          },
          {
            data: JSON.parse(points),
            showLine: true,
            borderColor: colour("--accent"),
            backgroundColor: colour("--accent"),
            borderWidth: 2,
            pointRadius: 3,
          },
        ],
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        plugins: {
          legend: { display: false },
          tooltip: {
            callbacks: {
              label: ({ parsed }) => `${axis} ${number.format(parsed.x)} : ${money.format(parsed.y)}`,
            },
          },
        },
        scales: {
          x: { ...scale(axis, (value) => number.format(value)), beginAtZero: true },
          y: { ...scale(total, (value) => round.format(value)), beginAtZero: true },
        },
      },
    });
  }
}
document.addEventListener("DOMContentLoaded", drawCurves);
document.addEventListener("htmx:afterSettle", drawCurves);
/* The theme turns dark or light on the page that is open. */
new MutationObserver(() => {
  for (const canvas of document.querySelectorAll(".sheet-chart")) {
    if (drawn.delete(canvas)) Chart.getChart(canvas).destroy();
  }
  drawCurves();
}).observe(document.documentElement, { attributeFilter: ["class"] });
