"use strict";

/*
 * The files of the creation wizard: dropped or chosen, then deposited one by one. A file that is chosen is
 * never left behind: going on deposits it, and leaving otherwise asks.
 */
(() => {
  // unfold writes the name of a chosen file into a box of its own, which these forms do not have.
  const leave = (file) => Object.assign(file, { hasChangeListener: true });
  document.querySelectorAll("[data-drop] [type=file]").forEach(leave);

  const forms = (within = document) => [...within.querySelectorAll("[data-drop]")];
  const fileOf = (form) => form.querySelector("[type=file]");
  const titleOf = (form) => form.querySelector("[name=title]");
  // A title that is typed for a file that is not chosen yet.
  const fileless = () => forms().find((form) => titleOf(form)?.value.trim() && !fileOf(form).files.length);
  const waiting = () => forms().filter((form) => fileOf(form).files.length);

  document.addEventListener("DOMContentLoaded", () => {
    forms().forEach(drop);
    document.querySelector("[data-goes-on]")?.addEventListener("submit", goOn);
    window.addEventListener("beforeunload", (event) => {
      if (waiting().length || fileless()) event.preventDefault();
    });
  });

  const say = (form, text) => {
    const told = form.querySelector("[data-told]");
    form.querySelector("progress").hidden = true;
    told.textContent = text;
    told.hidden = !text;
  };

  /* Deposit what is chosen, then go on; what is refused keeps one here. */
  async function goOn(event) {
    const untold = fileless();
    if (!untold && !waiting().length) return;
    event.preventDefault();
    if (untold) {
      say(untold, `Choisissez le fichier de « ${titleOf(untold).value.trim()} », ou videz le titre.`);
      fileOf(untold).focus();
      return;
    }
    const { currentTarget, submitter } = event;
    while (waiting().length) {
      if (!(await deposit(waiting()[0]))) return;
    }
    currentTarget.requestSubmit(submitter);
  }

  /* A file is dropped or chosen. */
  function drop(form) {
    const file = leave(fileOf(form));
    for (const type of ["dragover", "dragleave", "drop"]) {
      form.addEventListener(type, (event) => {
        event.preventDefault();
        form.classList.toggle("wizard-over", type === "dragover");
        if (type === "drop" && event.dataTransfer.files.length) file.files = event.dataTransfer.files;
      });
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await deposit(form)) document.querySelector("[data-needs] section > [data-drop] [type=file]")?.focus();
    });
  }

  /* Send a file and show it going; whether it is kept. */
  async function deposit(form) {
    if (form.matches("[data-sending]")) return false; // a second click
    form.toggleAttribute("data-sending", true);
    say(form, "");
    const request = await sent(form);
    form.toggleAttribute("data-sending", false);
    if (!request) {
      say(form, "Pas de réponse du serveur : rien n'est déposé, votre fichier est resté ici. Réessayez.");
      return false;
    }
    // What the answer says takes the place of what stood here: kept, or refused and why.
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const needs = answer.querySelector("[data-needs]");
    if (!needs) {
      say(
        form,
        request.status >= 500
          ? "Le serveur a rencontré une erreur : rien n'est déposé, votre fichier est resté ici. Réessayez."
          : "Vous n'êtes plus connecté ici : rien n'est déposé. Rechargez la page, puis choisissez de nouveau ce fichier.",
      );
      return false;
    }
    const isKept = request.status < 400;
    const before = document.querySelector("[data-needs]");
    forms(needs).forEach(drop);
    carry(before, needs, form, isKept);
    before.replaceWith(needs);
    if (!isKept) needs.querySelector("[role=alert]:not([hidden])")?.scrollIntoView({ block: "center" });
    return isKept;
  }

  function sent(form) {
    const progress = form.querySelector("progress");
    const request = new XMLHttpRequest();
    progress.hidden = false;
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      progress.value = (100 * loaded) / total;
    });
    return new Promise((done) => {
      request.addEventListener("load", () => done(request));
      request.addEventListener("error", () => done(null));
      request.open("POST", form.action);
      request.send(new FormData(form));
    });
  }

  /* Bring over what is chosen and not sent; of a file that is refused, what was typed with it. */
  function carry(before, needs, form, isKept) {
    for (const old of forms(before)) {
      const now = forms(needs).find((one) => one.dataset.drop === old.dataset.drop);
      if (!now || (old === form && isKept)) continue;
      if (old !== form) fileOf(now).files = fileOf(old).files;
      for (const name of ["type", "title"]) {
        const box = now.querySelector(`[name=${name}]`);
        if (box) box.value = old.querySelector(`[name=${name}]`).value;
      }
      const folded = now.closest("details");
      if (folded) folded.open = old.closest("details").open;
    }
  }
})();
