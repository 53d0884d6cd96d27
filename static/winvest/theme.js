"use strict";

/*
 * Adapts django-unfold 0.91.0 to Alpine's CSP build: the page evaluates no string as code.
 * Loaded before unfold's app.js; "alpine:init" fires once every deferred script is there.
 */
document.addEventListener("alpine:init", () => {
  const page = {
    localStorage: {
      getItem: (key) => window.localStorage.getItem(key),
      setItem: (key, value) => window.localStorage.setItem(key, value),
    },
    getCurrentTab: () => window.getCurrentTab(),
    sortRecords: (event) => window.sortRecords(event),
    moveRecords: (event) => moveRecords(event),
    watchSidebar() {
      this.$watch("sidebarDesktopOpen", (open) => {
        window.localStorage.setItem("sidebarDesktopOpen", open ? "1" : "0");
      });
    },
    formAction(tab) {
      const { pathname, search } = window.location;
      return pathname + search + (tab && tab !== "general" ? `#${tab}` : "");
    },
    follow(link) {
      window.location.href = link.href + window.location.hash;
    },
  };

  // Whoever follows the system goes with it at nightfall, on the page that is open.
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const appearance = Alpine.reactive({ night: system.matches });
  system.addEventListener("change", ({ matches }) => {
    appearance.night = matches;
  });
  const follow = {
    "x-bind:class"() {
      if (this.adminTheme === "auto") return appearance.night ? "dark" : "";
      return this.adminTheme;
    },
  };
  Alpine.data("theme", (chosen) => {
    const shipped = window.theme(chosen);
    return { ...shipped, ...page, themeBindings: { ...shipped.themeBindings, ...follow } };
  });
  for (const name of ["searchForm", "searchDropdown", "searchCommand"]) {
    Alpine.data(name, () => window[name]());
  }

  // What the CSP parser cannot read, and the same thing said so that it can.
  const rewrites = [
    [/^\s*activeTab = ([^;]*);\s*\$watch\('sidebarDesktopOpen'[^]*$/, "watchSidebar(activeTab = $1)"],
    [/^if \((!\$event\.metaKey && !\$event\.ctrlKey)\) (.*)$/, "$1 && $2"],
    [/^activeTab && activeTab !== 'general' \? window\.location.*$/, "formAction(activeTab)"],
    [/^window\.location\.href = \$el\.href \+ window\.location\.hash$/, "follow($el)"],
    [/^'width: ' \+ changeListWidth \+ 'px'$/, "{ width: changeListWidth + 'px' }"],
  ];
  Alpine.mapAttributes(({ name, value }) => {
    const rewrite = name.startsWith("x-") && rewrites.find(([pattern]) => pattern.test(value));
    return { name, value: rewrite ? value.replace(...rewrite) : value };
  });
});

/* A menu written with <details> closes on Escape and on a click elsewhere. */
for (const type of ["click", "keydown"]) {
  document.addEventListener(type, (event) => {
    if (type === "keydown" && event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.company-switch[open], details.menu[open]")) {
      if (type === "click" && menu.contains(event.target)) continue;
      // Whoever was inside finds himself where the menu was opened, not at the top of the page.
      if (type === "keydown" && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
  });
}

/*
 * unfold adds and removes the rows of a table inside a form by writing HTML again: styles set by
 * scripts would come back as attributes, which the policy refuses, and what was typed in the rows
 * below a removed one would be lost. Clean the model row, and renumber those rows, before it does.
 */
document.addEventListener(
  "click",
  ({ target }) => {
    const formset = target.closest(".formset");
    if (!formset) return;
    const template = formset.querySelector(":scope > .empty-form");
    if (target.closest(".add-row")) {
      for (const element of template.querySelectorAll("[style]")) element.removeAttribute("style");
    }
    const removed = target.closest(".delete-template")?.closest(".form-group");
    if (removed) {
      const { prefix } = JSON.parse(formset.dataset.inlineFormset).options;
      const rows = [...formset.querySelectorAll(":scope > .form-group:not(.empty-form)")];
      for (let index = rows.indexOf(removed) + 1; index < rows.length; index += 1) {
        renumber(rows[index], new RegExp(`\\b${prefix}-${index}(?!\\d)`, "g"), `${prefix}-${index - 1}`);
      }
      formset.insertBefore(removed, template);
    }
  },
  true,
);

function renumber(row, pattern, replacement) {
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const attribute of element.attributes) {
      if (pattern.test(attribute.value)) {
        attribute.value = attribute.value.replace(pattern, replacement);
      }
      pattern.lastIndex = 0;
    }
  }
}

document.addEventListener("DOMContentLoaded", () => {
  // On narrow screens a cell shows its column's name, which a model writes in small letters.
  for (const { dataset } of document.querySelectorAll("td[data-label], th[data-label]")) {
    dataset.label = dataset.label.charAt(0).toUpperCase() + dataset.label.slice(1);
  }
  for (const { dataset } of document.querySelectorAll("[data-simplebar]")) {
    dataset.simplebarAriaLabel = "Zone défilante";
  }
});

/* A list of records grows by a copy of its last row, empty. */
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll(".records-add")) button.hidden = false;
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest(".records-add");
  if (!button) return;
  const records = button.closest(".records");
  const rows = records.querySelectorAll(".records-row");
  if (rows.length >= Number(records.dataset.recordsMax)) return;
  const row = rows[rows.length - 1].cloneNode(true);
  for (const box of row.querySelectorAll("input, select")) {
    if (box.tagName === "SELECT") box.selectedIndex = 0;
    else box.value = "";
    // The last number: a list inside a row of a table has the number of that row before.
    box.name = box.name.replace(/-\d+-(?=[^-]*$)/, `-${rows.length}-`);
  }
  records.insertBefore(row, button);
  row.querySelector("input, select").focus();
});

/* A list that completes what is typed takes the name of its field, which select2 forgets. */
window.addEventListener("load", () => window.django?.jQuery?.(nameLists));
document.addEventListener("formset:added", nameLists);

/* A list that depends on other fields of its form (data-within) sends what they hold. */
window.addEventListener("load", () => window.django?.jQuery?.ajaxPrefilter(sendOthers));

function sendOthers(options, { data }) {
  const name = data?.field_name;
  const list = name && document.querySelector(`select[name="${name}"][data-within]`);
  if (!list) return;
  const held = list.dataset.within.split(" ").map((one) => [one, list.form.elements[one].value]);
  options.data += `&${new URLSearchParams(held)}`;
}

/* The filters of a list come after the page. */
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id !== "filter-panel") return;
  window.django?.jQuery?.(".unfold-filter-autocomplete").djangoFilterSelect2?.();
  window.DateTimeShortcuts?.init();
  nameLists();
});

function nameLists() {
  for (const clear of document.querySelectorAll(".select2-selection__clear")) {
    clear.title = "Retirer ce choix";
  }
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const label = select.labels[0];
    const box = select.nextElementSibling?.querySelector(".select2-selection");
    // In a table the field has no label of its own.
    if (!label && box && select.hasAttribute("aria-label") && !box.dataset.named) {
      box.setAttribute("aria-label", select.getAttribute("aria-label"));
      box.removeAttribute("aria-labelledby");
      box.dataset.named = "true";
    }
    if (label && box && !box.dataset.named) {
      label.id ||= `label-${select.id}`;
      box.setAttribute("aria-labelledby", `${label.id} ${box.getAttribute("aria-labelledby")}`);
      box.dataset.named = "true";
      // What is chosen is text, not a field of its own.
      const text = box.querySelector("[role=textbox]");
      for (const name of ["role", "aria-readonly"]) text?.removeAttribute(name);
    }
  }
}

/*
 * Signed out, a part of a page is answered by the page of the sign-in: the part says so, and leads
 * there and back. What is typed elsewhere on the page stays.
 */
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const answered = new URL(detail.xhr.responseURL);
  if (!answered.pathname.endsWith("/login/") || answered.pathname === window.location.pathname) return;
  detail.shouldSwap = false;
  const told = document.createElement("p");
  const link = document.createElement("a");
  const here = window.location.pathname + window.location.search;
  link.href = `${answered.pathname}?next=${encodeURIComponent(here)}`;
  link.textContent = "Se connecter";
  told.className = "signed-out";
  told.setAttribute("role", "alert");
  told.append("Vous n'êtes plus connecté. ", link);
  detail.target.replaceChildren(told);
});

/* « ? » shows the keys of the page where it has some, and opens the guide of the role elsewhere. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, [contenteditable], dialog, [popover]")) return;
  const keys = document.querySelector("dialog.keys");
  if (keys) keys.showModal();
  else document.querySelector("[data-help]")?.click();
  event.preventDefault();
});
