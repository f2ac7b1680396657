import { html } from "htm/preact";
import type { VNode } from "preact";
import * as z from "zod/mini";
import { numberIn, objectIn, type Panel, textIn } from "../api/shapes.ts";
import { when } from "../parts/when.ts";
import { count, percent } from "../parts/words.ts";
import type { PanelDefinition } from "./definition.ts";

export const truth: PanelDefinition = {
  name: "truth",
  title: "Truth",
  question: "How often what is held is right, as persons and independent sources found",
  rows: "Field",
  stats: ({ summary }) => {
    const accuracy = numberIn(summary, "accuracy");
    const atLeast = summary.conflicts_at_least === true ? "at least " : "";
    return [
      {
        label: "right",
        value: percent(accuracy),
        note: accuracy === null
          ? "not measured: no audit in 14 days"
          : `n = ${count(numberIn(summary, "accuracy_n"))} in ${
            count(numberIn(summary, "days"))
          } days`,
      },
      {
        label: "conflicts",
        value: `${atLeast}${count(numberIn(summary, "conflicts"))}`,
        note: html`<a href="#/review">review them</a>`,
        state: (numberIn(summary, "conflicts") ?? 0) > 0 ? "warn" : "ok",
      },
      {
        label: "too unsure to count",
        value: count(numberIn(summary, "unsure")),
        note: `${count(numberIn(summary, "audit_open"))} of the audit are open`,
      },
    ];
  },
  columns: [
    {
      label: "Right",
      of: ({ values }) =>
        numberIn(values, "accuracy") === null ? "–" : percent(numberIn(values, "accuracy")),
    },
    { label: "n", of: ({ values }) => count(numberIn(values, "n")) },
    { label: "Rejected", wide: true, of: ({ values }) => count(numberIn(values, "rejected")) },
    {
      label: "Sources differ",
      wide: true,
      of: ({ values }) => count(numberIn(values, "disagreed")),
    },
  ],
  charts: [],
  between: reliability,
};

const bins = z.catch(
  z.array(z.object({
    bin_from: z.number(),
    bin_to: z.number(),
    confidence: z.nullable(z.number()),
    accepted: z.nullable(z.number()),
    n: z.number(),
  })),
  [],
);

const SIZE = 180;
const MARGIN = 34;

/** Whether 0.9 means nine of ten: how sure the readings were, against how often they were right. */
function reliability({ summary }: Panel): VNode {
  const measured = bins.parse(summary.reliability)
    .filter(({ n, accepted, confidence }) => n > 0 && accepted !== null && confidence !== null);
  const calibration = objectIn(summary, "calibration");
  const place = (share: number) => MARGIN + share * SIZE;
  const height = (share: number) => 8 + (1 - share) * SIZE;
  return html`<figure class="chart reliability">
    <figcaption><strong>Does 0.9 mean nine of ten?</strong>
      <span>right, against how sure it was, % · on the line is well judged</span></figcaption>
    ${
    measured.length === 0
      ? html`
        <p
          class="empty">No reading was audited yet, so this is not measured. Each answer in <a href="#/review">Review</a> is one.</p>
      `
      : html`<svg viewBox=${`0 0 ${SIZE + MARGIN + 12} ${SIZE + 34}`} role="img" aria-label=${
        measured.map(({ confidence, accepted, n }) =>
          `of ${n} readings held with ${percent(confidence)}, ${percent(accepted)} were right`
        ).join("; ")
      }>
        ${
        [0, 0.25, 0.5, 0.75, 1].map((share) =>
          html`
            <g key=${share} class="grid">
              <line x1=${place(0)} x2=${place(1)} y1=${height(share)} y2=${height(share)} />
              <text x=${MARGIN - 6} y=${height(share) + 4} text-anchor="end">${share * 100}</text>
              <text x=${place(share)} y=${height(0) + 16} text-anchor="middle">${share * 100}</text>
            </g>
          `
        )
      }
        <line class="diagonal" x1=${place(0)} y1=${height(0)} x2=${place(1)} y2=${height(1)} />
        ${
        measured.map(({ bin_from, bin_to, confidence, accepted, n }) =>
          html`
            <circle key=${bin_from} cx=${place(confidence ?? 0)} cy=${height(accepted ?? 0)}
              r=${Math.min(11, 3 + Math.sqrt(n) / 2)}>
              <title>${`${percent(bin_from)} to ${percent(bin_to)}: ${
                percent(accepted)
              } right, n = ${n}`}</title>
            </circle>
          `
        )
      }
      </svg>`
  }
    <p class="hint">${
    textIn(calibration, "status") === null
      ? "No calibration was made yet: readers are believed as sure as they say."
      : html`Calibration ${count(numberIn(calibration, "version"))} is ${
        textIn(calibration, "status")
      }, since ${when(textIn(calibration, "since"))}.`
  }</p>
  </figure>`;
}
