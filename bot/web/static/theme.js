// Before the page is drawn, so that it does not flash in the other colours.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  try {
    const chosen = localStorage.getItem("dateline.theme");
    if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  } catch {
    // Storage is blocked: the system's colours hold.
  }
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);

  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const name = () => (button.textContent = isDark() ? "Light" : "Dark");
    name();
    dark.addEventListener("change", name);
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      name();
      try {
        localStorage.setItem("dateline.theme", root.dataset.theme);
      } catch {
        // For this page it holds all the same.
      }
    });
  });
})();
