// The office: keys, the palette, suggestions, filters that apply themselves.
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

for (const button of document.querySelectorAll("[data-keys]")) {
  button.hidden = false;
  button.addEventListener("click", showKeys);
}

for (const form of document.querySelectorAll("form[data-filters]")) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit();
  });
  // Empty filters stay out of the address, so that a link is a view and a short one.
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}
