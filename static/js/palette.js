// Ctrl K: one field for everything. The pages come from the menu, the records from the search page's own fragment.
const SEARCH = "/office/search";
let dialog, input, list, status, asked;

export function openPalette() {
  if (!dialog) build();
  if (dialog.open) return;
  input.value = "";
  show();
  dialog.showModal();
}

function build() {
  dialog = document.createElement("dialog");
  dialog.className = "palette";
  dialog.setAttribute("aria-label", "Search and go");
  input = document.createElement("input");
  for (const [name, value] of Object.entries({
    type: "text", role: "combobox", "aria-label": "Search and go", "aria-controls": "palette-list", "aria-expanded": "true",
    "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", maxlength: "200",
    placeholder: "A company, a person, a member, a page",
  })) input.setAttribute(name, value);
  list = document.createElement("div");
  list.id = "palette-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Found");
  status = document.createElement("p");
  status.className = "sub";
  status.setAttribute("role", "status");
  dialog.append(input, list, status);
  document.body.append(dialog);

  let pause;
  input.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(show, 120);
  });
  input.addEventListener("keydown", onKey);
  list.addEventListener("mousemove", (event) => choose(event.target.closest('[role="option"]')));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

const options = () => [...list.querySelectorAll('[role="option"]')];
const chosen = () => list.querySelector('[aria-selected="true"]');

function onKey(event) {
  const all = options();
  const at = all.indexOf(chosen());
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (event.key === "Enter") {
    event.preventDefault();
    if (chosen()) chosen().click();
    else if (input.value.trim()) location.assign(`${SEARCH}?${new URLSearchParams({ q: input.value.trim() })}`);
  } else if (to !== undefined && all.length) {
    event.preventDefault();
    choose(all[(to + all.length) % all.length]);
  }
}

function choose(option) {
  if (!option || option === chosen()) return;
  chosen()?.setAttribute("aria-selected", "false");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", option.id);
}

function pages(words) {
  return [...document.querySelectorAll("#menu li a")].filter((link) => link.firstChild.nextSibling.textContent.toLowerCase().includes(words)).map((link) => {
    const option = document.createElement("a");
    option.href = link.href;
    option.append(link.querySelector(".i").cloneNode(), link.firstChild.nextSibling.textContent.trim(), Object.assign(document.createElement("small"), { textContent: "Page" }));
    option.setAttribute("role", "option");
    return option;
  });
}

async function show() {
  const words = input.value.trim();
  asked?.abort();
  asked = new AbortController();
  const found = pages(words.toLowerCase());
  let records = [];
  if (words.length > 1) {
    try {
      const answer = await fetch(`${SEARCH}?${new URLSearchParams({ q: words, part: "palette" })}`, { signal: asked.signal });
      if (answer.ok) {
        const part = document.createElement("template");
        part.innerHTML = await answer.text();
        records = [...part.content.querySelectorAll('[role="option"]')];
      }
    } catch (problem) {
      if (problem.name === "AbortError") return;
    }
  }
  list.replaceChildren(...records, ...found);
  options().forEach((option, number) => {
    option.id = `palette-${number}`;
    option.tabIndex = -1;
    option.setAttribute("aria-selected", "false");
  });
  input.removeAttribute("aria-activedescendant");
  choose(options()[0]);
  const count = options().length;
  status.textContent = count ? `${count} found. Arrow keys choose, Enter opens.` : "Nothing found. Enter searches everything.";
}
