"use strict";

/*
 * The creation wizard keeps what is typed: on the server while one types, and in this tab for what the
 * server did not take (signed out, no network, an error). A page that comes back finds it again.
 */
(() => {
  const DELAY = 800;

  // unfold writes the name of a chosen file into a box of its own, which these forms do not have.
  const leave = (file) => Object.assign(file, { hasChangeListener: true });
  document.querySelectorAll("[data-drop] [type=file]").forEach(leave);

  // Where the form that was sent last keeps its texts, until the server has written them.
  const SENT = "wizard:sent";
  const WRITTEN = "#ecrit";

  document.addEventListener("DOMContentLoaded", () => {
    if (window.location.hash === WRITTEN) {
      window.sessionStorage.removeItem(window.sessionStorage.getItem(SENT));
      window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    }
    for (const table of document.querySelectorAll("[data-grid]")) grid(table);
    for (const model of document.querySelectorAll("[name=model]")) {
      model.addEventListener("change", () => begin(model));
    }
    const revision = document.querySelector("[name=_revision][data-keep]");
    if (revision) watch(revision, revision.form, document.querySelector("[data-kept]"));
    for (const form of document.querySelectorAll("[data-drop]")) drop(form);
  });

  function watch(revision, form, told) {
    const AGAIN = 10_000;
    const place = `wizard:${window.location.pathname}${window.location.search}`;
    let waits = 0;
    let keeping = null; // what is on its way to the server

    const texts = () => {
      const found = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string") found.append(name, value);
      }
      return found;
    };

    const store = () => {
      const names = {};
      for (const { name, selectedOptions } of form.querySelectorAll("select")) {
        for (const { value, text } of selectedOptions ?? []) names[`${name}=${value}`] = text;
      }
      window.sessionStorage.setItem(place, JSON.stringify({ texts: texts().toString(), names }));
    };

    const say = (text, isWarning) => {
      told.textContent = text;
      told.classList.toggle("wizard-warned", Boolean(isWarning));
    };

    let known = texts().toString();

    const later = (delay = DELAY) => {
      window.clearTimeout(waits);
      waits = window.setTimeout(() => {
        keeping = keep().finally(() => {
          keeping = null;
        });
      }, delay);
    };

    // The texts stay in this tab: they are offered to the server again, and come back with the page.
    const wait = (text) => {
      say(text, true);
      known = "";
      later(AGAIN);
    };

    async function keep() {
      const body = texts();
      if (body.toString() === known) return;
      known = body.toString();
      store();
      try {
        const answer = await fetch(revision.dataset.keep, { method: "POST", body, redirect: "manual" });
        if (answer.status === 200) {
          revision.value = (await answer.json()).revision;
          window.sessionStorage.removeItem(place);
          say(`Gardé à ${new Date().toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" })}.`);
        } else if (answer.status === 409) {
          const { message, revision: newer } = await answer.json();
          say(`${message} Vos saisies restent ici : rechargez la page pour voir les siennes, ou continuez pour garder les vôtres.`, true);
          revision.value = newer;
        } else if (answer.status >= 500) {
          wait("Le serveur a rencontré une erreur : vos saisies restent dans cet onglet.");
        } else if (answer.status === 403) {
          wait("Vous vous êtes reconnecté ailleurs : rechargez la page, vos saisies y reviendront.");
        } else {
          wait("Vous n’êtes plus connecté : vos saisies restent dans cet onglet et reviendront après la connexion. ");
          const link = document.createElement("a");
          link.href = revision.dataset.signIn;
          link.textContent = "Se connecter";
          told.append(link);
        }
      } catch {
        wait("Pas de réponse du serveur : vos saisies restent dans cet onglet.");
      }
    }

    form.addEventListener("input", () => later());
    form.addEventListener("change", () => later());
    // The boxes that search tell their changes to jQuery alone.
    window.django?.jQuery?.(form).on("change", () => later());
    let isSent = false;
    form.addEventListener("submit", (event) => {
      if (isSent) {
        event.preventDefault(); // a second click
        return;
      }
      if (keeping) {
        // The form knows of what is kept once that has come back.
        event.preventDefault();
        const { submitter } = event;
        keeping.then(() => form.requestSubmit(submitter));
        return;
      }
      isSent = true;
      window.clearTimeout(waits);
      store();
      window.sessionStorage.setItem(SENT, place);
    });
    window.addEventListener("pageshow", () => {
      isSent = false;
    });
    // Left before it was kept, what is typed comes back with the page.
    window.addEventListener("pagehide", () => {
      if (!isSent && texts().toString() !== known) store();
    });

    // What the server never took, once the page has its own lines.
    const back = () => {
      const left = JSON.parse(window.sessionStorage.getItem(place));
      window.sessionStorage.removeItem(place);
      if (!left || !restore(form, new URLSearchParams(left.texts), left.names)) return;
      say("Ce que vous aviez tapé avant l’interruption est revenu.", true);
      form.dispatchEvent(new Event("input", { bubbles: true }));
    };
    if (window.django?.jQuery) window.django.jQuery(back);
    else back();
  }

  /* Put texts back into the boxes, with the lines they need; whether one differed. */
  function restore(form, texts, names) {
    if (form.elements._row && form.elements._row.value !== texts.get("_row")) return false;
    let differs = false;
    for (const total of form.querySelectorAll("[name$=-TOTAL_FORMS]")) {
      const prefix = total.name.slice(0, -"-TOTAL_FORMS".length);
      const more = document.querySelector(`[data-grid="${prefix}"]`)?.closest("section").querySelector("[data-add]");
      const link = more ?? document.querySelector(`#${prefix}-group .add-row a`);
      for (let left = Number(texts.get(total.name)) - Number(total.value); link && left > 0; left -= 1) {
        link.click();
        differs = true;
      }
    }
    for (const box of form.elements) {
      if (!box.name || box.type === "hidden" || box.type === "file" || box.type === "submit") continue;
      const given = texts.getAll(box.name);
      if (box.type === "checkbox" || box.type === "radio") {
        const isOn = given.includes(box.value);
        differs ||= box.checked !== isOn;
        box.checked = isOn;
      } else if (box.tagName === "SELECT" && (given.length || box.multiple)) {
        differs = choose(box, given, names) || differs;
      } else if (box.tagName !== "SELECT" && given.length && box.value !== given[0]) {
        differs = true;
        box.value = given[0];
      }
    }
    return differs;
  }

  /* Choose what was chosen, as a box that searches would show it; whether it differed. */
  function choose(box, given, names) {
    const now = [...box.selectedOptions].map(({ value }) => value);
    if (now.join() === given.join()) return false;
    for (const value of given) {
      if (![...box.options].some((one) => one.value === value)) {
        box.add(new Option(names[`${box.name}=${value}`] ?? value, value));
      }
    }
    for (const one of box.options) one.selected = given.includes(one.value);
    window.django?.jQuery?.(box).trigger("change");
    return true;
  }

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

  /* A file is dropped or chosen; its sending is shown. */
  function drop(form) {
    const file = leave(form.querySelector("[type=file]"));
    const progress = form.querySelector("progress");
    const told = form.querySelector("[data-told]");
    const say = (text) => {
      progress.hidden = true;
      told.textContent = text;
      told.hidden = false;
    };
    for (const type of ["dragover", "dragleave", "drop"]) {
      form.addEventListener(type, (event) => {
        event.preventDefault();
        form.classList.toggle("wizard-over", type === "dragover");
        if (type === "drop" && event.dataTransfer.files.length) file.files = event.dataTransfer.files;
      });
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const request = new XMLHttpRequest();
      told.hidden = true;
      progress.hidden = false;
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        progress.value = (100 * loaded) / total;
      });
      request.addEventListener("load", () => {
        // What the answer says takes the place of what stood here: kept, or refused and why.
        const answer = new DOMParser().parseFromString(request.responseText, "text/html");
        const needs = answer.querySelector("[data-needs]");
        if (!needs) {
          say(
            request.status >= 500
              ? "Le serveur a rencontré une erreur : rien n’est déposé, votre fichier est resté ici. Réessayez."
              : "Vous n’êtes plus connecté ici : rien n’est déposé. Rechargez la page, puis choisissez de nouveau ce fichier.",
          );
          return;
        }
        document.querySelector("[data-needs]").replaceWith(needs);
        for (const one of needs.querySelectorAll("[data-drop]")) drop(one);
        if (request.status !== 422) needs.querySelector("section > [data-drop] [type=file]")?.focus();
      });
      request.addEventListener("error", () => {
        say("Pas de réponse du serveur : rien n’est déposé, votre fichier est resté ici. Réessayez.");
      });
      request.open("POST", form.action);
      request.send(new FormData(form));
    });
  }
})();
