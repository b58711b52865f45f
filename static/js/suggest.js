// Fields for a company or a person offer names while one types: <input list data-suggest="/address">, answered with <option>s.
for (const input of document.querySelectorAll("input[data-suggest]")) {
  let pause;
  input.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(offer, 150, input);
  });
}

async function offer(input) {
  const words = input.value.trim();
  if (words.length < 2 || /\(#\d+\)$/.test(words)) return;
  try {
    const address = new URL(input.dataset.suggest, location.href);
    address.searchParams.set("q", words);
    const answer = await fetch(address);
    if (!answer.ok || input.value.trim() !== words) return;
    const part = document.createElement("template");
    part.innerHTML = await answer.text();
    input.list.replaceChildren(...part.content.querySelectorAll("option"));
  } catch {
    // Without suggestions the field is an ordinary one.
  }
}
