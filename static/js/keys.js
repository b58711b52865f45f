// The list of keys, as a dialog.
const KEYS = [
  ["Ctrl K", "Search and go anywhere"],
  ["/", "Into the search field"],
  ["Ctrl Enter", "Save the form"],
  ["Esc", "Cancel, close"],
  ["?", "This list"],
];
let dialog;

export function showKeys() {
  dialog ??= build();
  dialog.showModal();
}

function build() {
  const box = document.createElement("dialog");
  box.className = "keys";
  box.setAttribute("aria-labelledby", "keys-title");
  const title = Object.assign(document.createElement("h2"), { id: "keys-title", textContent: "Keyboard shortcuts" });
  const list = document.createElement("dl");
  for (const [key, meaning] of KEYS) {
    const term = document.createElement("dt");
    term.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    list.append(term, Object.assign(document.createElement("dd"), { textContent: meaning }));
  }
  const close = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-outline", textContent: "Close" });
  close.addEventListener("click", () => box.close());
  box.append(title, list, close);
  document.body.append(box);
  return box;
}
