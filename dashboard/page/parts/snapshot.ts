/// <reference lib="dom" />
import { html } from "htm/preact";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { snapshotText } from "../api/files.ts";
import { part } from "./part.ts";

interface Props {
  bucket: string;
  path: string;
  /** Words to find in it: values and their evidence. */
  marked: string[];
}

const MOST_LINES = 4000;

/** The words of a page as it was when it was read, with what was read from it marked. */
function SnapshotText({ bucket, path, marked }: Props): VNode {
  const [lines, setLines] = useState<string[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let here = true;
    setLines(null);
    setProblem(null);
    snapshotText(bucket, path).then(
      (read) => here && setLines(read),
      (error) => here && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      here = false;
    };
  }, [bucket, path]);
  if (problem !== null) {
    return html`
      <p
        class="notice">The page that was kept could not be read: ${problem}. The listing's own address is above.</p>
    `;
  }
  if (lines === null) {
    return html`<p class="hint" role="status">Reading the page that was kept…</p>`;
  }
  const sought = marked.map((text) => text.toLowerCase().trim()).filter((text) => text.length > 1);
  return html`
    <div class="snapshot" tabindex="0" role="region"
      aria-label="The page as it was kept, as text">${lines.slice(0, MOST_LINES).map((line, at) => {
        const hit = sought.some((text) => line.toLowerCase().includes(text));
        return html`<p key=${at} class=${hit ? "hit" : ""}>${
          hit ? html`<mark>${line}</mark>` : line
        }</p>`;
      })}</div>
  `;
}

/** Null where no page was kept. */
export function snapshotPanel(
  snapshot: { bucket?: string | null; path?: string | null } | null | undefined,
  marked: (string | null | undefined)[],
): VNode | null {
  if (!snapshot?.bucket || !snapshot.path) return null;
  return part(SnapshotText, {
    bucket: snapshot.bucket,
    path: snapshot.path,
    marked: marked.filter((one): one is string => typeof one === "string"),
    key: snapshot.path,
  });
}
