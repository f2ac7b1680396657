/// <reference lib="dom" />
import { html } from "htm/preact";
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Trouble } from "../api/call.ts";
import type { Doubt } from "../api/vehicle_shapes.ts";
import { part } from "../parts/part.ts";
import { troubleNotice } from "../parts/trouble.ts";
import { count, heading } from "../parts/words.ts";
import { doubtCard } from "./doubt_card.ts";
import { type Decision, useReview } from "./review_queue.ts";

const KINDS = [["", "All"], ["conflict", "Conflicts"], ["unsure", "Unsure"], [
  "audit",
  "Audit",
]] as const;

/** Doubtful values and conflicts, one after another, by keyboard. */
export function ReviewView({ onTrouble }: { onTrouble: (trouble: Trouble) => void }): VNode {
  const [kind, setKind] = useState("");
  return part(Queue, { kind, setKind, onTrouble, key: kind });
}

interface Props {
  kind: string;
  setKind: (kind: string) => void;
  onTrouble: (trouble: Trouble) => void;
}

function Queue({ kind, setKind, onTrouble }: Props): VNode {
  const queue = useReview(kind, onTrouble);
  /** The value that is being corrected; another one is not. */
  const [corrected, setCorrected] = useState<number | null>(null);
  const [page, setPage] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const { row, decide } = queue;
  const correcting = row !== null && corrected === row.id;
  const setCorrecting = (on: boolean) => setCorrected(on && row !== null ? row.id : null);
  useEffect(() => input.current?.select(), [correcting]);

  // At once: the next key must meet the value that is shown.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") return setCorrecting(false);
      const typing = event.target instanceof HTMLInputElement && event.target.type !== "radio";
      if (typing || event.target instanceof HTMLSelectElement) return;
      const does: Record<string, () => void> = {
        j: queue.next,
        k: queue.previous,
        a: () => decide("accept"),
        r: () => decide("reject"),
        c: () => setCorrecting(true),
        p: () => setPage(!page),
      };
      const act = does[event.key.toLowerCase()];
      if (act === undefined || (event.repeat && !"jk".includes(event.key))) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });

  const correct = (event: SubmitEvent) => {
    event.preventDefault();
    const value = input.current?.value.trim() ?? "";
    setCorrecting(false);
    if (value !== "") decide("correct", value);
  };
  return html`
    <div class="review">
      <header class="review-head"><h1>Review</h1>
        <fieldset class="ranges"><legend class="unseen">What is reviewed</legend>${KINDS.map((
          [value, title],
        ) =>
          html`<label key=${value}><input type="radio" name="kind" value=${value} checked=${
            kind === value
          }
          onChange=${() => setKind(value)} /><span>${title}${
            openOf(queue.open, value)
          }</span></label>`
        )}</fieldset>
        <p class="hint" role="status">${count(queue.done)} decided${queue.perMinute === null
          ? ""
          : `, ${count(queue.perMinute)} a minute`}</p>
      </header>
      ${troubleNotice(queue.trouble)}
      ${said(queue.said)}
      ${row === null
        ? html`<p class="empty">${
          queue.reading
            ? "Reading…"
            : "Nothing is left to review here. New doubts come as pages are read; the audit is drawn on Mondays."
        }</p>`
        : html`${doubtCard(row, page)}
        ${
          correcting
            ? html`<form class="ask correct" onSubmit=${correct}><label>What ${
              heading(row.field).toLowerCase()
            } is
            <input ref=${input} defaultValue=${row.value ?? ""} autocomplete="off" /></label>
            <button class="main">Keep it <kbd>Enter</kbd></button>
            <button type="button" class="quiet" onClick=${() =>
              setCorrecting(false)}>Cancel <kbd>Esc</kbd></button></form>`
            : buttons(row, decide, () => setCorrecting(true), () => setPage(!page), page)
        }`}
      <p class="keys hint"><kbd>j</kbd> next <kbd>k</kbd> back <kbd>a</kbd> accept <kbd>r</kbd> reject
        <kbd>c</kbd> correct <kbd>p</kbd> the page · ${count(queue.left)} here</p>
    </div>
  `;
}

function openOf(open: Record<string, unknown>, kind: string): string {
  const n = open[kind];
  return typeof n === "number" ? ` ${count(n)}` : "";
}

function said(said: { row: Doubt; good: boolean; says: string } | null): VNode {
  return html`
    <p class=${said === null
      ? "review-said"
      : said.good
      ? "review-said said-good"
      : "review-said notice"}
      role="status">${said === null
        ? null
        : html`<a href=${`#/vehicle/${said.row.vehicle_id}`}>${said.row.title}</a>, ${
          heading(said.row.field).toLowerCase()
        }: ${said.says}`}</p>
  `;
}

/** What the two answers mean for this kind of doubt. */
function buttons(
  row: Doubt,
  decide: (decision: Decision) => void,
  correct: () => void,
  showPage: () => void,
  pageShown: boolean,
): VNode {
  const conflict = row.kind === "conflict";
  return html`<div class="actions decide">
    <button type="button" class="main" onClick=${() => decide("accept")}>
      ${conflict ? "Take the new value" : "It is right"} <kbd>a</kbd></button>
    <button type="button" onClick=${() => decide("reject")}>
      ${conflict ? "Keep what is held" : "It is wrong"} <kbd>r</kbd></button>
    <button type="button" onClick=${correct}>Correct it <kbd>c</kbd></button>
    ${
    row.snapshot
      ? html`
        <button type="button" class="quiet" aria-expanded=${pageShown}
          onClick=${showPage}>The page <kbd>p</kbd></button>
      `
      : null
  }
  </div>`;
}
