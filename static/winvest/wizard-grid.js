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
      const box = event.target;
      // One cell goes into a text box as the browser does it; a list and a number are read.
      const isRead = box.matches("select, [type=checkbox]") || (box.matches("[inputmode=decimal]") && isWhole(box));
      if (!text.trim() || !(isRead || /[\t\n]/.test(text.trim()))) return;
      event.preventDefault();
      for (const line of body.querySelectorAll("[data-spare]")) delete line.dataset.spare;
      const cell = box.closest("td");
      // Columns that the model does not show are not pasted into.
      const seen = (row) => [...row.cells].filter((one) => one.offsetParent);
      const from = seen(cell.parentElement).indexOf(cell);
      const first = [...body.rows].indexOf(cell.parentElement);
      const lines = text.trimEnd().split(/\r?\n/).map((line) => line.split("\t"));
      if (lines.length > 1 && isHead(lines[0], seen(table.tHead.rows[0]), seen(body.rows[0]), from)) lines.shift();
      lines.forEach((line, down) => {
        if (!body.rows[first + down]) add();
        const cells = seen(body.rows[first + down]);
        const left = line.slice(cells.length - from).filter((value) => value.trim());
        line.slice(0, cells.length - from).forEach((value, right) => fill(cells[from + right], value.trim()));
        if (left.length) tell(cells.at(-1), `En trop, non collé : « ${left.join(" », « ")} ».`);
      });
      body.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // Whether what is pasted takes the place of all that a box holds.
  const isWhole = (box) => box.selectionEnd - box.selectionStart === box.value.length;

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

  const UNIT = /\s*(€|%|eur|euros?|xpf|f)$/i;

  // A unit that the box takes goes, and says what the line is in; any other stays, for the server to tell.
  function number(box, value) {
    const unit = UNIT.exec(value)?.[1];
    const kind = unit && (unit === "%" ? "percent" : "amount");
    if (kind && !box.dataset.units.split(" ").includes(kind)) return value;
    if (kind && box.dataset.units.includes(" ")) inKind(box.closest("tr"), kind);
    const digits = value.replace(UNIT, "").replace(/[\s\u00a0\u202f]+(?=\d{3}(\D|$))/g, "").trim();
    return /^\d{1,3}(\.\d{3})+,\d+$/.test(digits) ? digits.replaceAll(".", "") : digits;
  }

  /* A commission is in percent or in money; a tier of a price, in percent or not. */
  function inKind(row, kind) {
    const box = row.querySelector("[name$=-value_type], [name^=tiers-][name$=-base]");
    if (!box) return;
    if (box.name.endsWith("-value_type") || kind === "percent") box.value = kind;
    else if (box.value === "percent") box.value = "";
  }

  const bare = (text) => text.toLowerCase().replace(/[\s\u00a0\u202f]/g, "");
  // « Mensuel » and « mensuelle » are one word, accents and plurals apart.
  const stem = (text) => {
    const plain = bare(text).normalize("NFD").replace(/[\u0300-\u036f]/g, "");
    return plain.replace(/s$/, "").replace(/e+$/, "").replace(/ll$/, "l");
  };

  /* Find what a spreadsheet calls by its code, its name, another name, or its rate. */
  function choiceOf(box, value) {
    const wanted = bare(value);
    const options = [...box.options];
    const parts = ({ value: code, text }) => [code, text, ...text.split(" · ")].map(bare);
    const named = options.find((one) => parts(one).includes(wanted));
    if (named) return named;
    if (/^[\d.,]+%?$/.test(wanted)) {
      const rate = `${wanted.replace("%", "").replace(".", ",").replace(/,0+$/, "")}%`;
      return options.find((one) => parts(one).includes(rate));
    }
    const also = Object.entries(JSON.parse(box.dataset.also ?? "{}")).find(([name]) => stem(name) === stem(value));
    return options.find((one) => one.value === also?.[1] || stem(one.text) === stem(value));
  }

  /* Tell beside a cell what could not be read, until it is changed. */
  function tell(cell, text) {
    for (const one of cell.querySelectorAll(".wizard-error")) one.remove();
    cell.classList.toggle("wizard-wrong", Boolean(text));
    if (!text) return;
    cell.append(Object.assign(document.createElement("span"), { className: "wizard-error", role: "alert", textContent: text }));
    cell.addEventListener("input", () => tell(cell, ""), { once: true });
  }

  function fill(cell, value) {
    const box = cell.querySelector("input:not([type=hidden]), select");
    if (!box) return;
    tell(cell, "");
    if (box.type === "checkbox") {
      const isYes = /^(oui|o|1|x|vrai|ttc|true|yes)$/i.test(value);
      if (isYes || /^(non|n|0|faux|ht|false|no)$/i.test(value)) box.checked = isYes;
      else if (value) tell(cell, `« ${value} » n'est ni oui ni non.`);
    } else if (box.tagName === "SELECT") {
      if (!value) return;
      // What the list lacks stays as it came: the step refuses it too, and nothing takes its place.
      const found = choiceOf(box, value) ?? new Option(value, value);
      if (!found.parentElement) {
        box.add(found);
        tell(cell, `« ${value} » n'est pas dans la liste.`);
      }
      box.value = found.value;
    } else box.value = box.matches("[inputmode=decimal]") ? number(box, value) : value;
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
