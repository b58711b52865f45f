// The office: keys, the palette, suggestions.
import { openPalette } from "./palette.js";
import "./suggest.js";
import { showKeys } from "./keys.js";

const typing = (element) => element.matches?.("input, textarea, select, [contenteditable]");

addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
  } else if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  } else if (event.key === "/") {
    event.preventDefault();
    document.getElementById("top-q").focus();
  } else if (event.key === "?") {
    event.preventDefault();
    showKeys();
  }
});

addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys]")) showKeys();
});

// Empty filters stay out of the address, so that a link is a view and a short one.
addEventListener("formdata", (event) => {
  if (!event.target.matches("form[data-filters]")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});
