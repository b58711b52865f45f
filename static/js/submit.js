// A form is sent once, however often its button is pressed; Ctrl Enter sends it, Esc goes back.
const sent = new WeakSet();

const release = (form) => {
  sent.delete(form);
  form.querySelectorAll("button[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
};

addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  event.submitter?.setAttribute("aria-busy", "true");
  // The answer may be a file, which leaves the page standing.
  setTimeout(release, 10000, form);
});

addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(release);
});

const changed = (form) =>
  [...form.elements].some((field) =>
    "defaultValue" in field && field.type !== "hidden" && !["checkbox", "radio"].includes(field.type)
      ? field.value !== field.defaultValue
      : "defaultChecked" in field && field.checked !== field.defaultChecked,
  );

addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form");
  if (!form) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "Escape" && !event.defaultPrevented) {
    const cancel = form.querySelector("[data-cancel]");
    if (cancel && (!changed(form) || confirm("Leave without saving what you typed?"))) cancel.click();
  }
});
