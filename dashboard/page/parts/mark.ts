import { html } from "htm/preact";
import type { VNode } from "preact";
import type { State } from "../api/shapes.ts";

const words: Record<State, string> = {
  bad: "Wrong",
  warn: "Look",
  ok: "Well",
  idle: "Idle",
  unknown: "Unknown",
};

/** How something stands: a colour, a form and a word, so that nobody needs the colour. */
export function mark(state: State, word?: string | null): VNode {
  return html`<span class=${`mark mark-${state}`}>${word ?? words[state]}</span>`;
}

/** The same as a dot; its word is for screen readers. */
export function dot(state: State): VNode {
  return html`<span class=${`dot dot-${state}`}><span class="unseen">${
    words[state]
  }: </span></span>`;
}

/** The sign of the dashboard, as in its icon. */
export function brandMark(size: number): VNode {
  return html`
    <svg class="brand-mark" width=${size} height=${size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M7 21.5h3.2l3.3-9 4.6 12 3.4-8H25" />
    </svg>
  `;
}
