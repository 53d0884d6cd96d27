"use strict";

/*
 * The creation wizard keeps what is typed: on the server while one types, and in this tab for what the
 * server did not take (signed out, no network, an error). A page that comes back finds it again.
 */
(() => {
  const DELAY = 800;

  document.addEventListener("DOMContentLoaded", () => {
    const revision = document.querySelector("[name=_revision][data-keep]");
    if (revision) watch(revision, revision.form, document.querySelector("[data-kept]"));
    for (const form of document.querySelectorAll("[data-drop]")) drop(form);
  });

  function watch(revision, form, told) {
    const place = `wizard:${window.location.pathname}${window.location.search}`;
    let waits = 0;

    const texts = () => {
      const found = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string") found.append(name, value);
      }
      return found;
    };

    const say = (text, isWarning) => {
      told.textContent = text;
      told.classList.toggle("wizard-warned", Boolean(isWarning));
    };

    async function keep() {
      const body = texts();
      window.sessionStorage.setItem(place, body.toString());
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
        } else {
          say("Vous n’êtes plus connecté : vos saisies restent dans cet onglet et reviendront après la connexion.", true);
        }
      } catch {
        say("Pas de réponse du serveur : vos saisies restent dans cet onglet.", true);
      }
    }

    const later = () => {
      window.clearTimeout(waits);
      waits = window.setTimeout(keep, DELAY);
    };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    form.addEventListener("submit", () => {
      window.clearTimeout(waits);
      window.sessionStorage.setItem(place, texts().toString());
    });

    // What the server never took: a form that was sent and came back accepted has gone elsewhere.
    const left = window.sessionStorage.getItem(place);
    if (left && restore(form, new URLSearchParams(left))) {
      say("Ce que vous aviez tapé avant l’interruption est revenu.", true);
      later();
    }
    window.sessionStorage.removeItem(place);
  }

  /* Put texts back into boxes that are there; whether one differed. */
  function restore(form, texts) {
    let differs = false;
    for (const box of form.elements) {
      if (!box.name || box.type === "hidden" || box.type === "file" || box.type === "submit") continue;
      const given = texts.getAll(box.name);
      if (box.type === "checkbox" || box.type === "radio") {
        const isOn = given.includes(box.value);
        differs ||= box.checked !== isOn;
        box.checked = isOn;
      } else if (given.length && box.value !== given[0]) {
        differs = true;
        box.value = given[0];
      }
    }
    return differs;
  }

  /* A file is dropped or chosen; its sending is shown. */
  function drop(form) {
    const file = form.querySelector("[type=file]");
    const progress = form.querySelector("progress");
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
      progress.hidden = false;
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        progress.value = (100 * loaded) / total;
      });
      request.addEventListener("load", () => {
        document.open();
        document.write(request.responseText);
        document.close();
      });
      request.open("POST", form.action);
      request.send(new FormData(form));
    });
  }
})();
