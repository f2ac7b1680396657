import { html } from "htm/preact";
import type { VNode } from "preact";
import { numberIn, objectIn, type Panel, textIn, textsIn } from "../api/shapes.ts";
import { command } from "../parts/command.ts";
import { policyForm } from "../parts/policy_form.ts";
import { when } from "../parts/when.ts";
import { count, percent } from "../parts/words.ts";
import type { PanelDefinition } from "./definition.ts";

const verdicts: Record<string, string> = {
  supply_limited: "nothing new stood on the sources",
  pace_limited: "hosts were at their polite limit",
  capacity_limited: "workers were off, or behind",
  blocked: "walls, robots.txt, hosts that were down",
  faulty: "errors of ours",
};

export const cycle: PanelDefinition = {
  name: "cycle",
  title: "This cycle",
  question: "Whether enough vehicles come in, in these two hours",
  rows: "Cycle",
  stats: ({ summary }) => {
    const verdict = textIn(summary, "verdict");
    return [
      {
        label: "added",
        value: count(numberIn(summary, "added")),
        note: `of ${count(numberIn(summary, "target"))} wanted`,
      },
      {
        label: "projected",
        value: count(numberIn(summary, "projected")),
        note: "at this cycle's pace",
      },
      ...verdict === null ? [] : [{
        label: "held back by",
        value: verdict.replaceAll("_", " "),
        note: verdicts[verdict],
        state: "warn" as const,
      }],
    ];
  },
  columns: [
    { label: "Added", of: ({ values }) => count(numberIn(values, "added")) },
    { label: "Target", of: ({ values }) => count(numberIn(values, "target")) },
    {
      label: "Verdict",
      wide: true,
      of: ({ values }) => textIn(values, "verdict")?.replaceAll("_", " ") ?? "–",
    },
    { label: "Queued", wide: true, of: ({ values }) => count(numberIn(values, "queued")) },
    {
      label: "Quality",
      wide: true,
      of: ({ values }) => percent(numberIn(values, "data_quality_score")),
    },
  ],
  charts: ["vehicles_added"],
  between: (panel) => html`${bar(panel)}${next(panel)}${advice(panel)}`,
  below: (panel, refresh) => policyForm(objectIn(panel.summary, "policy"), refresh),
};

/** Added and projected, against the target. */
function bar({ summary }: Panel): VNode | null {
  const [added, target, projected] = ["added", "target", "projected"]
    .map((name) => numberIn(summary, name));
  if (added === null || added === undefined || !target) return null;
  const whole = Math.max(target, projected ?? 0, added);
  const share = (value: number) => `${(100 * value / whole).toFixed(2)}`;
  return html`
    <svg class="progress" viewBox="0 0 100 10" preserveAspectRatio="none" role="img"
      aria-label=${`${count(added)} added of ${count(target)}, ${
        count(projected ?? null)
      } projected`}>
      <rect class="progress-back" width="100" height="10" />
      <rect class="progress-projected" width=${share(projected ?? 0)} height="10" />
      <rect class="progress-added" width=${share(added)} height="10" />
      <rect class="progress-target" x=${Math.max(
        0,
        Number(share(target)) - 0.3,
      )} width="0.3" height="10" />
    </svg>
  `;
}

function next({ summary }: Panel): VNode | null {
  const what = textIn(summary, "next");
  return what === null
    ? null
    : html`<p class="hint">Next: ${what} (${when(textIn(summary, "next_at"))})</p>`;
}

/** Words, and what to type where they end with it. */
function helpful(text: string): VNode {
  const [, words, typed] = /^(.*?):?\s*\b((?:select|update|insert)\s.*)$/is.exec(text) ?? [];
  if (typed === undefined) return html`<li key=${text}>${text}</li>`;
  return html`<li key=${text}>${words === "" ? null : html`<p>${words}</p>`}${command(typed)}</li>`;
}

/** What the agent would have somebody do. */
function advice({ summary }: Panel): VNode | null {
  const actions = textsIn(summary, "next_actions");
  if (actions.length === 0) return null;
  return html`
    <div class="advice">
      <h3>What helps</h3>
      <ul>${actions.map((text) => helpful(text))}</ul>
    </div>
  `;
}
