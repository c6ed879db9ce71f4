/** Words for people, the same as those of the command line: durations, sizes, times, counts. */

/** `0.3 s`, `14 s`, `5 min 12 s`, `1 h 02 min`, `3 d 04 h`; `–` for nothing. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 0) return `-${duration(-seconds)}`;
  if (seconds < 10 && !Number.isInteger(seconds)) {
    return `${seconds >= 1 ? seconds.toFixed(1) : Number(seconds.toPrecision(2))} s`;
  }
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Decimal units: `0 B`, `1.5 kB`, `23 MB`. */
export function size(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return "–";
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${bytes < 0 ? "-" : ""}${value.toFixed(digits)} ${UNITS[unit]}`;
}

const COUNT = new Intl.NumberFormat("en", { useGrouping: "min2" });

/** `12,345`. */
export function count(n: number): string {
  return COUNT.format(n);
}

/** `3 jobs`, `1 job`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `12 %`, `0.4 %`, `99.9 %`: never 0 for some, never 100 for less than all. Of a share between 0 and 1. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "<0.1 %";
  if (value > 99.9 && value < 100) return "99.9 %";
  return `${value < 10 || value > 99 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}

/** Epoch seconds of a time as the service writes it; undefined for none. */
export function epoch(time: string | number | null | undefined): number | undefined {
  if (time === null || time === undefined) return undefined;
  const seconds = typeof time === "number" ? time : Date.parse(time) / 1000;
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** `14:20:05` today, `21 Nov 14:20` in this year, `21 Nov 2025` before: local time. */
export function moment(ts: number, nowTs: number = Date.now() / 1000): string {
  const then = new Date(ts * 1000);
  const now = new Date(nowTs * 1000);
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === now.toDateString()) return `${clock}:${two(then.getSeconds())}`;
  const day = `${then.getDate()} ${then.toLocaleString("en", { month: "short" })}`;
  return then.getFullYear() === now.getFullYear() ? `${day} ${clock}` : `${day} ${then.getFullYear()}`;
}

/** `2026-11-21 22:31:24+01:00`: what is copied. */
export function exactly(ts: number): string {
  const then = new Date(ts * 1000);
  const away = -then.getTimezoneOffset();
  const zone = `${away < 0 ? "-" : "+"}${two(Math.floor(Math.abs(away) / 60))}:${two(Math.abs(away) % 60)}`;
  const day = `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())}`;
  return `${day} ${two(then.getHours())}:${two(then.getMinutes())}:${two(then.getSeconds())}${zone}`;
}

/** `3 min ago`, `just now`, `in 2 h 10 min`. */
export function ago(ts: number, nowTs: number): string {
  const past = nowTs - ts;
  if (Math.abs(past) < 2) return "just now";
  return past > 0 ? `${coarse(past)} ago` : `in ${coarse(-past)}`;
}

/** A duration in its largest unit: `3 min`, `2 h`, `5 d`. */
export function coarse(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

// control characters, line separators, and what turns the direction of text: shown, not obeyed
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text from outside (names, output of jobs, paths) with what could deceive the eye made visible; tab and newline stay. */
export function clean(text: string): string {
  return text.replace(CONTROL, (c) => {
    const code = c.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
