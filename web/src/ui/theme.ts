import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";

/** The theme that is shown. `public/theme.js` sets it before the first paint. */
export function theme(): Theme {
  return document.documentElement.dataset.theme === "dark" ? "dark" : "light";
}

/** Show the other theme, and remember it. */
export function toggleTheme(): void {
  const next: Theme = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("stampede.theme", next);
}

/** The theme, for what draws on a canvas and has to draw anew when it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore(watch, theme);
}

/** The value of a colour of `styles/tokens.css` (`--run`), as a canvas needs it. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function watch(watcher: () => void): () => void {
  const observer = new MutationObserver(watcher);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}
