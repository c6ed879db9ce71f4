import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `stampede serve` listens while one works on the front end with `npm run dev`. */
const SERVICE = process.env.STAMPEDE_URL ?? "http://127.0.0.1:8642";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    outDir: "../src/stampede/service/static",
    emptyOutDir: true,
    target: "es2022",
    // the service's content policy lets no script or style stand inside a page
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": SERVICE, "/login": SERVICE, "/logout": SERVICE } },
  test: {
    include: ["tests/unit/**/*.test.{ts,tsx}"],
    environment: "happy-dom",
    restoreMocks: true,
  },
});
