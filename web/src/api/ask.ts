import type { Problem, paths } from "@/api/schema";

/** Paths that can be asked with GET, below `/api/v1`. */
export type AskPath = { [P in keyof paths]: paths[P] extends { get: unknown } ? P : never }[keyof paths];

type Answered<P extends AskPath> = paths[P] extends {
  get: { responses: { 200: { content: { "application/json": infer T } } } };
}
  ? T
  : never;

type InPath<P extends AskPath> = paths[P] extends { get: { parameters: { path: infer T } } } ? T : undefined;

/** What is asked: values for the names in the path, and the query string as the service reads it (`state=failed&duration_s>=60`). */
export interface Asked<P extends AskPath> {
  in?: InPath<P>;
  query?: Query;
  signal?: AbortSignal;
}

/** Parameters by name. A key may end in an operator (`duration_s>`, `name~`); empty values are left out. */
export type Query = Record<string, string | number | boolean | null | undefined>;

/** What the service said instead of an answer (RFC 9457). `status` is 0 when it could not be reached. */
export class ProblemError extends Error {
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(status: number, message: string, problem?: Problem) {
    super(message);
    this.name = "ProblemError";
    this.status = status;
    this.problem = problem;
  }
}

/** The address of an answer: names in the path are filled in, each escaped. */
export function addressOf(path: string, names: Record<string, unknown> = {}, query: Query = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(names[name])));
  const asked = queryString(query);
  return asked ? `${filled}?${asked}` : filled;
}

/** `a=1&b~=x*` for parameters by name. */
export function queryString(query: Query): string {
  return Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`)
    .join("&");
}

/** The typed answer of the service. Throws ProblemError with a sentence for people. */
export async function ask<P extends AskPath>(path: P, asked: Asked<P> = {}): Promise<Answered<P>> {
  const response = await fetchFrom(addressOf(path, asked.in as Record<string, unknown>, asked.query), asked.signal);
  return (await response.json()) as Answered<P>;
}

/** The bytes of an answer in another form than JSON. */
export async function askBytes(address: string, accept: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  return (await fetchFrom(address, signal, { Accept: accept })).arrayBuffer();
}

/** A response that went well; a browser that is no longer logged in is sent to the login. */
export async function fetchFrom(
  address: string,
  signal?: AbortSignal,
  headers: Record<string, string> = { Accept: "application/json" },
  cache: RequestCache = "default",
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, { headers, cache, credentials: "same-origin", ...(signal ? { signal } : {}) });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ProblemError(0, "The service cannot be reached. Is `stampede serve` still running?");
  }
  if (response.status === 401) logIn();
  if (!response.ok) throw await problemOf(response);
  return response;
}

const AFTER = "stampede.after";

/** To the login; the page that was wanted is remembered. */
function logIn(): void {
  sessionStorage.setItem(AFTER, location.pathname + location.search);
  location.assign("/login");
}

/** The page that was wanted before the login, once. */
export function wantedPage(): string | undefined {
  const wanted = sessionStorage.getItem(AFTER) ?? undefined;
  sessionStorage.removeItem(AFTER);
  return wanted;
}

async function problemOf(response: Response): Promise<ProblemError> {
  const problem = await response.json().then(
    (body: Problem) => body,
    () => undefined,
  );
  return new ProblemError(response.status, problem?.detail ?? `${response.status} ${response.statusText}`, problem);
}
