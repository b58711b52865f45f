// Every page: small comforts. Nothing here is needed to get the work done.
import "./submit.js";
import "./labels.js";
import "./popups.js";

addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-theme-toggle]")) return;
  const root = document.documentElement;
  root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.bsTheme);
  } catch {
    // Storage is closed to us: the choice lasts for this page.
  }
});

// After a refusal the cursor stands in the first field concerned.
if (document.querySelector("[data-errors]")) {
  const first = document.querySelector('[aria-invalid="true"], fieldset.wrong input');
  (first ?? document.querySelector("[data-errors]")).focus();
}
