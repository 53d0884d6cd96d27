"use strict";

/*
 * The creation wizard keeps what is typed: on the server while one types, and in this tab for what the
 * server did not take (signed out, no network, an error). A page that comes back finds it again.
 */
(() => {
  const DELAY = 800;

  // Where the form that was sent last keeps its texts, until the server has written them.
  const SENT = "wizard:sent";
  const WRITTEN = "#ecrit";

  document.addEventListener("DOMContentLoaded", () => {
    if (window.location.hash === WRITTEN) {
      window.sessionStorage.removeItem(window.sessionStorage.getItem(SENT));
      window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    }
    const revision = document.querySelector("[name=_revision][data-keep]");
    if (revision) watch(revision, revision.form, document.querySelector("[data-kept]"));
    const boxes = revision?.form ?? document.querySelector("[data-needs]");
    // The boxes that search take their own place first.
    if (boxes && window.django?.jQuery) window.django.jQuery(() => begin(boxes));
    else if (boxes) begin(boxes);
  });

  /* One begins in the first box, or in the first that is wrong; a finger would only get a keyboard. */
  function begin(boxes) {
    if (document.activeElement !== document.body || !window.matchMedia("(hover: hover)").matches) return;
    const found = [...boxes.querySelectorAll("input:not([type=hidden]), select, textarea")]
      .filter((box) => !box.disabled && !(box.type === "radio" && boxes.querySelector(`[name="${box.name}"]:checked`) && !box.checked))
      .map((box) => (box.matches(".select2-hidden-accessible") ? box.parentElement.querySelector(".select2-selection") : box))
      .filter((box) => box?.checkVisibility());
    const wrong = found.find((box) => box.closest(".errors, .wizard-wrong, [aria-invalid=true]"));
    (wrong ?? found[0])?.focus({ preventScroll: !wrong });
  }

  function watch(revision, form, told) {
    const AGAIN = 10_000;
    // Each form of a step has its own place in the tab.
    const place = `wizard:${window.location.pathname}#${form.elements._row.value}`;
    const SILENT = ["_revision", "_draft", "_seen", "csrfmiddlewaretoken"];
    let waits = 0;
    let keeping = null; // what is on its way to the server
    let isRefused = revision.matches("[data-changed]"); // somebody wrote since: nothing is kept unasked

    const texts = () => {
      const found = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string") found.append(name, value);
      }
      return found;
    };

    // What a person typed, of all that a form sends.
    const typed = (found = texts()) => {
      for (const name of SILENT) found.delete(name);
      return found.toString();
    };

    const store = () => {
      const names = {};
      for (const { name, selectedOptions } of form.querySelectorAll("select")) {
        for (const { value, text } of selectedOptions ?? []) names[`${name}=${value}`] = text;
      }
      const left = { texts: typed(), names, revision: Number(revision.value) };
      window.sessionStorage.setItem(place, JSON.stringify(left));
    };

    const say = (text, isWarning) => {
      told.textContent = text;
      told.classList.toggle("wizard-warned", Boolean(isWarning));
    };

    // A choice beside what is said.
    const offer = (text, act) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: text });
      button.addEventListener("click", act);
      told.append(button, " ");
    };

    let known = typed();

    const later = (delay = DELAY) => {
      window.clearTimeout(waits);
      waits = window.setTimeout(() => {
        // One after the other: each knows what the one before has kept.
        const turn = (keeping ?? Promise.resolve()).then(keep).finally(() => {
          if (keeping === turn) keeping = null;
        });
        keeping = turn;
      }, delay);
    };

    // The texts stay in this tab: they are offered to the server again, and come back with the page.
    const wait = (text) => {
      say(text, true);
      known = "";
      later(AGAIN);
    };

    // Somebody wrote this form: his texts stay on the server until the person chooses.
    const refuse = (message, newer) => {
      isRefused = true;
      say(`${message} Vos saisies restent dans cet onglet. `, true);
      const link = document.createElement("a");
      Object.assign(link, { href: revision.dataset.here, target: "_blank", textContent: "Voir ce qui est gardé" });
      told.append(link, " ");
      offer("Garder ces saisies-ci", () => {
        isRefused = false;
        revision.value = newer;
        known = "";
        later(0);
      });
    };

    async function keep() {
      if (typed() === known) return;
      store();
      if (isRefused) return;
      known = typed();
      try {
        const asked = { method: "POST", body: texts(), redirect: "manual" };
        const answer = await fetch(revision.dataset.keep, asked);
        if (answer.status === 200) {
          revision.value = (await answer.json()).revision;
          if (typed() === known) window.sessionStorage.removeItem(place);
          say(`Gardé à ${new Date().toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" })}.`);
        } else if (answer.status === 409) {
          const { message, code, revision: newer } = await answer.json();
          if (code === "draft.changed") refuse(message, newer);
          else say(`${message} Vos saisies restent dans cet onglet.`, true);
        } else if (answer.status >= 500) {
          wait("Le serveur a rencontré une erreur : vos saisies restent dans cet onglet.");
        } else if (answer.status === 403) {
          wait("Vous vous êtes reconnecté ailleurs : rechargez la page, vos saisies y reviendront.");
        } else {
          wait("Vous n'êtes plus connecté : vos saisies restent dans cet onglet et reviendront après la connexion. ");
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
      if (!isSent && typed() !== known) store();
    });

    const bring = (left) => {
      if (!restore(form, new URLSearchParams(left.texts), left.names)) return;
      say("Ce que vous aviez tapé avant l'interruption est revenu.", true);
      form.dispatchEvent(new Event("input", { bubbles: true }));
    };

    // What the server never took, once the page has its own lines; asked for where somebody wrote since.
    const back = () => {
      const older = `${place}:avant`;
      const left = JSON.parse(window.sessionStorage.getItem(place) ?? window.sessionStorage.getItem(older));
      window.sessionStorage.removeItem(place);
      if (!left) return;
      if (left.texts === typed()) {
        // Refused, what was sent stands in the page, and nowhere else yet.
        known = "";
        later(0);
        return;
      }
      if (Number(revision.dataset.latest) <= left.revision) {
        bring(left);
        return;
      }
      window.sessionStorage.setItem(older, JSON.stringify(left));
      say(`Depuis vos dernières saisies dans cet onglet, ${revision.dataset.keeper} changé cette étape. `, true);
      offer("Reprendre mes saisies", () => {
        window.sessionStorage.removeItem(older);
        bring(left);
      });
      offer("Les oublier", () => {
        window.sessionStorage.removeItem(older);
        say("Vos saisies sont oubliées : voici l'étape telle qu'elle est.");
      });
    };
    if (window.django?.jQuery) window.django.jQuery(back);
    else back();
  }

  /* Put texts back into the boxes, with the lines they need; whether one differed. */
  function restore(form, texts, names) {
    let differs = false;
    for (const line of form.querySelectorAll("[data-spare]")) delete line.dataset.spare;
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
})();
