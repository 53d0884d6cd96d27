"use strict";

/* Error pages load no Alpine: they take the appearance that the back-office remembers. */
{
  const chosen = (window.localStorage.getItem("adminTheme") || '"auto"').replaceAll('"', "");
  const system = window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark", chosen === "dark" || (chosen === "auto" && system));
}
