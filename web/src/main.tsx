import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ProblemError, wantedPage } from "@/api/ask";
import { router } from "@/router";
import "@/styles/tokens.css";
import "@/styles/base.css";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      refetchOnWindowFocus: true,
      // what was asked wrongly does not become right by asking again
      retry: (times, error) =>
        times < 2 && !(error instanceof ProblemError && error.status >= 400 && error.status < 500),
    },
  },
});

const wanted = location.pathname === "/" ? wantedPage() : undefined;
if (wanted) history.replaceState(null, "", wanted);

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
