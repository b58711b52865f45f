// Every page: small comforts. Nothing here is needed to get the work done.
import "./submit.js";
import "./popups.js";

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // Storage is closed to us: the choice lasts for this page.
    }
  });
}

// After a refusal the cursor stands in the first field concerned.
if (document.querySelector("[data-errors]")) {
  const first = document.querySelector('[aria-invalid="true"], fieldset.wrong input');
  (first ?? document.querySelector("[data-errors]")).focus();
}
