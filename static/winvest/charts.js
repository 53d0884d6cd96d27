"use strict";

/*
 * Draws the charts of a page (Chart.js): <canvas data-chart> holds the figures, the theme the colours.
 * Redrawn when the theme turns dark or light; a chart that htmx brings is drawn as it comes.
 */
(() => {
  const TONES = {
    primary: ["#2459d3", "#6b9bf8"],
    info: ["#7aa5f5", "#3f6fd1"],
    success: ["#2f9e63", "#3fae74"],
    warning: ["#e0a22b", "#d29a35"],
    danger: ["#d4574c", "#d8655b"],
    violet: ["#8a63d2", "#9b7be0"],
    neutral: ["#b3bccb", "#5b677b"],
  };
  const charts = new Map();

  const isDark = () => document.documentElement.classList.contains("dark");
  const shade = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  const written = new Intl.NumberFormat("fr-FR");

  function options({ lying, unit }) {
    const numbers = {
      stacked: true,
      beginAtZero: true,
      grid: { color: shade("--line") },
      border: { display: false },
      ticks: {
        color: shade("--ink-faint"),
        precision: 0,
        maxTicksLimit: 6,
        callback: (value) => written.format(value) + unit,
      },
    };
    const names = {
      stacked: true,
      grid: { display: false },
      border: { color: shade("--line") },
      ticks: { color: shade("--ink-soft") },
    };
    return {
      indexAxis: lying ? "y" : "x",
      maintainAspectRatio: false,
      animation: false,
      scales: lying ? { x: numbers, y: names } : { x: names, y: numbers },
      plugins: {
        legend: {
          position: "bottom",
          labels: { color: shade("--ink-soft"), boxWidth: 10, boxHeight: 10, useBorderRadius: true, borderRadius: 3 },
        },
        tooltip: {
          callbacks: {
            label: ({ dataset, parsed }) =>
              `${dataset.label} : ${written.format(lying ? parsed.x : parsed.y)}${unit}`,
          },
        },
      },
    };
  }

  function draw(canvas) {
    charts.get(canvas)?.destroy();
    const asked = JSON.parse(canvas.dataset.chart);
    const datasets = asked.series.map(({ label, values, tone }) => ({
      label,
      data: values,
      backgroundColor: TONES[tone][isDark() ? 1 : 0],
      maxBarThickness: 28,
      borderRadius: 2,
    }));
    charts.set(
      canvas,
      new Chart(canvas, { type: "bar", data: { labels: asked.labels, datasets }, options: options(asked) }),
    );
  }

  function drawAll(within) {
    for (const canvas of charts.keys()) {
      if (!canvas.isConnected) {
        charts.get(canvas).destroy();
        charts.delete(canvas);
      }
    }
    for (const canvas of within.querySelectorAll("canvas[data-chart]")) draw(canvas);
  }

  document.addEventListener("DOMContentLoaded", () => {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    drawAll(document);
    new MutationObserver(() => drawAll(document)).observe(document.documentElement, {
      attributeFilter: ["class"],
    });
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => drawAll(detail.elt));
})();
