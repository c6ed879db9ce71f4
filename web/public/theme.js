// Before the first paint, so that a dark page never flashes white. What is chosen is kept by the browser.
{
  const chosen = localStorage.getItem("stampede.theme");
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}
