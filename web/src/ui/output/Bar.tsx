import type { KeyboardEvent, RefObject } from "react";
import { useEffect, useState } from "react";
import { fetchFrom } from "@/api/ask";
import { copyText } from "@/ui/Copy";
import { count, percent, plural, size as sizeWord } from "@/words/format";
import { Found } from "./Find";
import type { OutputProps } from "./Output";
import css from "./Output.module.css";
import type { useFind, Wanted } from "./useFind";

interface Props extends OutputPropsOfBar {
  field: RefObject<HTMLInputElement | null>;
  wanted: Wanted;
  onWanted: (wanted: Wanted) => void;
  find: ReturnType<typeof useFind>;
  listed: boolean;
  onListed: () => void;
  wrap: boolean;
  onWrap: () => void;
  go: (where: number | "end") => void;
  size: number | undefined;
  topByte: number;
  /** Whether the file is larger than what is held of it. */
  moves: boolean;
  follows: boolean;
}
type OutputPropsOfBar = Pick<OutputProps, "address" | "label" | "plain" | "at" | "onAt" | "name" | "live">;

/** What one can do with an output: look for a text, go somewhere, wrap, copy, download. */
export function Bar(props: Props) {
  const { address, size, go, wrap, onWrap, at, onAt, follows, live } = props;
  return (
    <div className={css.bar}>
      {!props.plain && <Finding {...props} />}
      <span className={css.tools}>
        {at && onAt && <Marked at={at} address={address} onNone={() => onAt(undefined)} />}
        {props.moves && size !== undefined && <Position at={props.topByte} size={size} go={go} />}
        <button type="button" className="button" onClick={() => go(0)} title="To the start (Home)">
          Start
        </button>
        <button
          type="button"
          className="button"
          onClick={() => go("end")}
          aria-pressed={live ? follows : undefined}
          title={live ? "To the end (End), and follow what is written" : "To the end (End)"}
        >
          {live ? (follows ? "Following" : "Follow") : "End"}
        </button>
        <button type="button" className="button" aria-pressed={wrap} onClick={onWrap} title="Wrap long lines (w)">
          Wrap
        </button>
        <a className="button" href={address} download={props.name ?? props.label.replace(/\W+/g, "_")}>
          <span aria-hidden="true">↓</span> {sizeWord(size)}
          <span className="visually-hidden"> to download</span>
        </a>
      </span>
    </div>
  );
}

/** Typing is looked for after so many ms. */
const PAUSE_MS = 250;

function Finding({ field, wanted, onWanted, find, listed, onListed, label }: Props) {
  const [typed, setTyped] = useState(wanted?.kind === "text" ? wanted.text : "");
  const errors = wanted?.kind === "errors";
  useEffect(() => {
    if (errors || typed === (wanted?.kind === "text" ? wanted.text : "")) return undefined;
    const timer = setTimeout(() => onWanted(typed ? { kind: "text", text: typed } : undefined), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, wanted, errors, onWanted]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") find.step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") field.current?.blur();
  };
  const type = (text: string) => {
    if (errors) onWanted(undefined);
    setTyped(text);
  };
  return (
    <span className={css.find}>
      <input
        ref={field}
        type="search"
        className="field"
        placeholder="Find (f)"
        aria-label={`Find in ${label}`}
        maxLength={200}
        value={typed}
        onChange={(event) => type(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <button
        type="button"
        className="button"
        aria-pressed={errors}
        title="Lines that look like errors"
        onClick={() => {
          setTyped("");
          onWanted(errors ? undefined : { kind: "errors" });
        }}
      >
        Errors
      </button>
      {wanted !== undefined && (
        <>
          <button type="button" className="button" onClick={() => find.step(-1)} aria-label="Place before" title="N">
            ↑
          </button>
          <button type="button" className="button" onClick={() => find.step(1)} aria-label="Next place" title="n">
            ↓
          </button>
          <button type="button" className="button" aria-pressed={listed} onClick={onListed}>
            List
          </button>
          <Found answer={find.answer} hits={find.hits} at={find.at} />
        </>
      )}
    </span>
  );
}

/** Where in a large file one is; moving it goes elsewhere. */
function Position({ at, size, go }: { at: number; size: number; go: (byte: number) => void }) {
  return (
    <label className={css.position}>
      <span className="visually-hidden">Position in the file</span>
      <input
        type="range"
        min={0}
        max={size}
        step={Math.max(1, Math.floor(size / 1000))}
        value={Math.min(at, size)}
        aria-valuetext={`${count(at)} of ${count(size)} bytes`}
        onChange={(event) => go(Number(event.target.value))}
      />
      <span className="number">{percent(size ? at / size : 0)}</span>
    </label>
  );
}

/** Larger selections are downloaded, not copied. */
const MOST_COPIED = 4 << 20;

/** The lines that are marked: copied as they are in the file. */
function Marked({ at, address, onNone }: { at: [number, number]; address: string; onNone: () => void }) {
  const [said, setSaid] = useState("");
  const bytes = at[1] - at[0];
  const copy = async () => {
    const headers = { Accept: "text/plain", Range: `bytes=${at[0]}-${at[1] - 1}` };
    const response = await fetchFrom(address, undefined, headers, "no-store");
    await copyText(await response.text());
    setSaid("copied");
    setTimeout(() => setSaid(""), 1500);
  };
  return (
    <>
      {bytes <= MOST_COPIED && (
        <button type="button" className="button" onClick={() => void copy()}>
          Copy {bytes < 1000 ? plural(bytes, "byte") : sizeWord(bytes)}
          <span role="status">{said && " ✓"}</span>
        </button>
      )}
      <button type="button" className="button" onClick={onNone} aria-label="Unmark lines">
        ×
      </button>
    </>
  );
}
