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
