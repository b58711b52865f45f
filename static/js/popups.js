// Menus and questions are <details>: here they close on Esc, on a click elsewhere and when another one opens.
const open = () => document.querySelectorAll("details[data-pop][open]");

addEventListener("click", (event) => {
  for (const box of open()) if (!box.contains(event.target)) box.open = false;
  if (event.target.closest?.("[data-close]")) close(event.target.closest("details"));
});

addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape") return;
    for (const box of open()) {
      close(box);
      event.preventDefault();
    }
  },
  true,
);

function close(box) {
  box.open = false;
  box.querySelector("summary").focus();
}
