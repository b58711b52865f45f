// On a phone a list's rows become blocks and lose their headings: each cell then carries its own.
const phone = matchMedia("(max-width: 47.99rem)");

function label() {
  if (!phone.matches) return;
  for (const table of document.querySelectorAll("table.stack:not([data-labelled])")) {
    const headings = [...table.querySelectorAll("thead tr:first-child > *")].map((cell) => cell.textContent.trim());
    for (const row of table.querySelectorAll("tbody tr")) {
      let at = 0;
      for (const cell of row.children) {
        if (cell.tagName === "TD" && cell.colSpan === 1 && cell.textContent.trim()) cell.dataset.label = headings[at] ?? "";
        at += cell.colSpan;
      }
    }
    table.dataset.labelled = "";
  }
}

label();
phone.addEventListener("change", label);
document.addEventListener("htmx:after:swap", label);
