import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Help } from "@/ui/Help";
import { useKeys } from "@/ui/keys";
import { Search } from "@/ui/Search";
import { toggleTheme, useTheme } from "@/ui/theme";
import css from "./Shell.module.css";

/** What stands around every page. */
export function Shell() {
  const [open, setOpen] = useState<"search" | "help" | undefined>();
  const navigate = useNavigate();
  const shown = useTheme();
  useKeys({
    "/": { does: "search", run: () => setOpen("search") },
    "?": { does: "keys of this page", run: () => setOpen("help") },
    "g r": { does: "all runs", run: () => void navigate({ to: "/" }) },
    T: { does: "light or dark", run: toggleTheme },
  });
  const close = () => setOpen(undefined);
  return (
    <>
      <a href="#main" className={css.skip}>
        To the content
      </a>
      <header className={css.bar}>
        <Link to="/" className={css.brand}>
          <img src="/icon.svg" alt="" width="22" height="22" />
          Stampede
        </Link>
        <nav aria-label="Main" className={css.nav}>
          <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
            Runs
          </Link>
          <a href="/api/v1/docs">API</a>
        </nav>
        <button type="button" className={css.search} onClick={() => setOpen("search")}>
          <span>Search runs, jobs, errors</span>
          <kbd>/</kbd>
        </button>
        <button
          type="button"
          className={css.icon}
          onClick={toggleTheme}
          aria-label={shown === "dark" ? "Light" : "Dark"}
        >
          <span aria-hidden="true">{shown === "dark" ? "☀" : "☾"}</span>
        </button>
        <button type="button" className={css.icon} onClick={() => setOpen("help")} aria-label="Keys">
          <span aria-hidden="true">?</span>
        </button>
      </header>
      <main id="main" className={css.main}>
        <Outlet />
      </main>
      {open === "search" && <Search onClose={close} />}
      {open === "help" && <Help onClose={close} />}
    </>
  );
}
