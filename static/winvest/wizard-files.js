"use strict";

/* The files of the creation wizard: dropped or chosen, then deposited one by one. */
(() => {
  // unfold writes the name of a chosen file into a box of its own, which these forms do not have.
  const leave = (file) => Object.assign(file, { hasChangeListener: true });
  document.querySelectorAll("[data-drop] [type=file]").forEach(leave);

  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("[data-drop]")) drop(form);
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
