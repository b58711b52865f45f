// The pipeline board: drag a card, or open its menu; both send the one form below the board.
import "../vendor/sortablejs-1.15.7/Sortable.min.js";

const board = document.querySelector("[data-board]");
const form = document.getElementById("move");
const place = "board-scroll";

board.scrollLeft = Number(sessionStorage.getItem(place) ?? 0);
addEventListener("pagehide", () => sessionStorage.setItem(place, board.scrollLeft));

function move(card, stage) {
  form.elements.opportunity.value = card.dataset.id;
  form.requestSubmit(form.querySelector(`button[value="${CSS.escape(stage)}"]`));
}

board.addEventListener("click", (event) => {
  const opener = event.target.closest(".mv");
  if (!opener) return;
  event.preventDefault();
  const card = opener.closest("li");
  const from = card.closest("[data-stage]").dataset.stage;
  form.elements.opportunity.value = card.dataset.id;
  form.querySelector("[data-move-name]").textContent = card.querySelector("a").textContent;
  for (const button of form.querySelectorAll("button")) button.hidden = button.value === from;
  form.showPopover();
  const spot = opener.getBoundingClientRect();
  form.style.margin = "0";
  form.style.inset = "auto";
  form.style.left = `${Math.max(8, Math.min(spot.right - form.offsetWidth, innerWidth - form.offsetWidth - 8))}px`;
  form.style.top = `${Math.max(8, Math.min(spot.bottom + 4, innerHeight - form.offsetHeight - 8))}px`;
  form.querySelector("button:not([hidden])").focus();
});

form.addEventListener("keydown", (event) => {
  const all = [...form.querySelectorAll("button:not([hidden])")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  all.at((all.indexOf(document.activeElement) + step) % all.length).focus();
});

if (!matchMedia("(pointer: coarse)").matches) {
  for (const column of board.querySelectorAll("[data-stage]")) {
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
