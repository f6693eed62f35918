// Niceties only: every page works without this file.
"use strict";
for (const form of document.querySelectorAll("form[data-guard]:has(textarea, .rows, [type=file])")) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}
document.querySelector(".notice-danger[role=alert], .notice-warning[role=alert]")
  ?.scrollIntoView({ block: "nearest" });
