// Runs before the first paint: the chosen theme, else the system's. A classic script, so that nothing flashes.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  };
  const apply = () => {
    document.documentElement.dataset.bsTheme = chosen() ?? (dark.matches ? "dark" : "light");
  };
  document.documentElement.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
})();
