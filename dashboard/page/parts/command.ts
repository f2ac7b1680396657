/// <reference lib="dom" />
import { html } from "htm/preact";
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { part } from "./part.ts";

function Command({ text }: { text: string }): VNode {
  const [copied, setCopied] = useState<"no" | "yes" | "refused">("no");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied("yes");
    } catch {
      setCopied("refused");
    }
    setTimeout(() => setCopied("no"), 2000);
  };
  const word = { no: "Copy", yes: "Copied", refused: "Select it" }[copied];
  return html`
    <div class="command">
      <code tabindex="0" aria-label="What to type">${text}</code>
      <button type="button" class="quiet" onClick=${copy} aria-live="polite">${word}</button>
    </div>
  `;
}

/** What to type, with a button that copies it. */
export function command(text: string | null | undefined): VNode | null {
  return text ? part(Command, { text }) : null;
}
