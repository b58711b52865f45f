// The pipeline board: drag a card, or open its menu; both send the one form below the board.
import "../vendor/sortablejs-1.15.7/Sortable.min.js";

const place = "board-scroll";
const board = () => document.querySelector("[data-board]");
const form = () => document.getElementById("move");

const idOf = (card) => card.querySelector("a").pathname.split("/").pop();

function move(card, stage) {
  form().querySelector("[data-move-id]").value = idOf(card);
  form().requestSubmit(form().querySelector(`button[value="${CSS.escape(stage)}"]`));
}

function openMenu(opener) {
  const menu = form();
  const card = opener.closest("li");
  const from = card.closest("[data-stage]").dataset.stage;
  menu.querySelector("[data-move-id]").value = idOf(card);
  menu.querySelector("[data-move-name]").textContent = card.querySelector("a").textContent;
  for (const button of menu.querySelectorAll("button")) button.hidden = button.value === from;
  menu.showPopover();
  const spot = opener.getBoundingClientRect();
  const within = (at, size, room) => `${Math.max(8, Math.min(at, room - size - 8))}px`;
  menu.style.margin = "0";
  menu.style.inset = "auto";
  menu.style.left = within(spot.right - menu.offsetWidth, menu.offsetWidth, innerWidth);
  menu.style.top = within(spot.bottom + 4, menu.offsetHeight, innerHeight);
  menu.querySelector("button:not([hidden])").focus();
}

addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-board] .mv");
  if (opener) openMenu(opener);
});

addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const menu = event.target.closest?.("#move");
  if (!step || !menu) return;
  event.preventDefault();
  const all = [...menu.querySelectorAll("button:not([hidden])")];
  all.at((all.indexOf(document.activeElement) + step) % all.length).focus();
});

// Whoever may move cards gets a menu on each and may drag them; a filter redraws the columns, so again after it.
function arm() {
  if (!form()) return;
  for (const card of document.querySelectorAll("[data-board] li:not(:has(.mv))")) {
    const opener = Object.assign(document.createElement("button"), { type: "button", className: "mv", textContent: "Move" });
    opener.setAttribute("aria-label", `Move ${card.querySelector("a").textContent}`);
    card.append(opener);
  }
  if (matchMedia("(pointer: coarse)").matches) return;
  for (const column of document.querySelectorAll("[data-board] [data-stage]")) {
    if (Sortable.get(column)) continue;
    Sortable.create(column, {
      group: "board",
      sort: false,
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      draggable: "li",
      filter: ".mv",
      preventOnFilter: false,
      ghostClass: "dragging",
      onEnd: ({ item, to, from }) => to !== from && move(item, to.dataset.stage),
    });
  }
}

arm();
document.addEventListener("htmx:after:swap", arm);
if (board()) board().scrollLeft = Number(sessionStorage.getItem(place) ?? 0);
addEventListener("pagehide", () => board() && sessionStorage.setItem(place, board().scrollLeft));
