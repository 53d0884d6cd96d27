"use strict";

/* The small tables of the creation wizard: lines are added, and cells pasted from a spreadsheet. */
(() => {
  document.addEventListener("DOMContentLoaded", () => {
    for (const table of document.querySelectorAll("[data-grid]")) grid(table);
    for (const model of document.querySelectorAll("[name=model]")) {
      model.addEventListener("change", () => begin(model));
    }
  });

  /* A small table: lines are added, and cells pasted from a spreadsheet. */
  function grid(table) {
    const prefix = table.dataset.grid;
    const body = table.tBodies[0];
    const total = document.querySelector(`[name="${prefix}-TOTAL_FORMS"]`);
    const section = table.closest("section");
    const empty = section.querySelector("[data-empty]");

    const add = () => {
      const number = Number(total.value);
      const line = document.createElement("tbody");
      line.innerHTML = empty.innerHTML.replaceAll("__prefix__", String(number));
      body.append(line.firstElementChild);
      total.value = String(number + 1);
    };
    section.querySelector("[data-add]").addEventListener("click", () => {
      add();
      body.lastElementChild.querySelector("input:not([type=hidden])").focus();
    });

    // The heads of the columns, copied with the lines, are no line: they bear our names, or words for numbers.
    const isHead = (line, named, cells, from) => {
      const heads = line.map((_, right) => named[from + right]?.textContent.trim().toLowerCase());
      if (line.every((text, right) => text.trim().toLowerCase() === heads[right])) return true;
      const isNumber = (right) => cells[from + right]?.querySelector("[inputmode=decimal]");
      const numbers = line.filter((text, right) => text.trim() && isNumber(right));
      return numbers.length > 0 && numbers.every((text) => !/\d/.test(text));
    };

    body.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text/plain");
      if (!/[\t\n]/.test(text.trim())) return;
      event.preventDefault();
      const cell = event.target.closest("td");
      // Columns that the model does not show are not pasted into.
      const seen = (row) => [...row.cells].filter((one) => one.offsetParent);
      const from = seen(cell.parentElement).indexOf(cell);
      const first = [...body.rows].indexOf(cell.parentElement);
      const lines = text.trimEnd().split(/\r?\n/).map((line) => line.split("\t"));
      if (isHead(lines[0], seen(table.tHead.rows[0]), seen(body.rows[0]), from)) lines.shift();
      lines.forEach((line, down) => {
        if (!body.rows[first + down]) add();
        const cells = seen(body.rows[first + down]);
        line.forEach((value, right) => fill(cells[from + right], value.trim()));
      });
      body.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  /* The lines that nobody has filled begin as the model that is chosen; those that are filled stay. */
  function begin(model) {
    const { recurrence, method } = model.dataset;
    const section = document.querySelector("[data-grid=plans]").closest("section");
    const isBlank = (row) => !["code", "name", "amount"].some((name) => row.querySelector(`[name$="-${name}"]`).value.trim());
    for (const row of section.querySelectorAll("tbody [data-row]")) {
      if (!isBlank(row)) continue;
      row.querySelector("[name$=-recurrence]").value = recurrence;
      row.querySelector("[name$=-method]").value = method;
    }
    const empty = section.querySelector("[data-empty]").content;
    for (const [name, value] of Object.entries({ recurrence, method })) {
      for (const one of empty.querySelector(`[name$="-${name}"]`).options) one.toggleAttribute("selected", one.value === value);
    }
  }

  // « 1 234,50 € » and « 10 % » are numbers; a name keeps its spaces.
  function plain(value) {
    const number = value.replace(/[\s\u00a0\u202f€%]/g, "");
    return /^[\d.,]+$/.test(number) ? number : value;
  }

  const bare = (text) => text.toLowerCase().replace(/[\s\u00a0\u202f]/g, "");

  /* Find what a spreadsheet calls by its code, its name, or its rate. */
  function choiceOf(box, value) {
    const wanted = bare(value);
    const parts = ({ value: code, text }) => [code, text, ...text.split(" · ")].map(bare);
    const named = [...box.options].find((one) => parts(one).includes(wanted));
    if (named || !/^[\d.,]+%?$/.test(wanted)) return named;
    const rate = `${wanted.replace("%", "").replace(".", ",").replace(/,0+$/, "")}%`;
    return [...box.options].find((one) => parts(one).includes(rate));
  }

  function fill(cell, value) {
    const box = cell?.querySelector("input:not([type=hidden]), select");
    if (!box) return;
    if (box.type === "checkbox") {
      if (value) box.checked = /^(oui|o|1|x|vrai|ttc)$/i.test(value);
    } else if (box.tagName === "SELECT") {
      if (!value) return;
      // What the list lacks stays as it came: the step refuses it beside the box, and nothing takes its place.
      const found = choiceOf(box, value) ?? new Option(value, value);
      if (!found.parentElement) box.add(found);
      box.value = found.value;
    } else box.value = plain(value);
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, detail } = event;
    if (!target.matches("[data-preview]")) return;
    // Signed out, the answer is the page of the sign-in.
    if (!new URL(detail.xhr.responseURL).pathname.endsWith("/apercu/")) detail.shouldSwap = false;
    // A chart that is replaced would go on listening to the size of its box.
    else for (const canvas of target.querySelectorAll("canvas")) window.Chart?.getChart(canvas)?.destroy();
  });
})();
