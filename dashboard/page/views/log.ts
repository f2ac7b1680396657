import { html } from "htm/preact";
import type { VNode } from "preact";
import type { Trouble } from "../api/call.ts";
import { useAnswer } from "../api/ask.ts";
import { textIn } from "../api/shapes.ts";
import { activitySchema } from "../api/vehicle_shapes.ts";
import { troubleNotice } from "../parts/trouble.ts";
import { when } from "../parts/when.ts";

/** Who did what. */
export function LogView({ onTrouble }: { onTrouble: (trouble: Trouble) => void }): VNode {
  const args = { p_range: "60d" };
  const { value: log, trouble } = useAnswer("dashboard_activity", args, activitySchema, onTrouble);
  return html`
    <h1>What operators did</h1>
    ${troubleNotice(trouble)}
    ${log === null
      ? trouble === null ? html`<p class="hint" role="status">Reading…</p>` : null
      : html`
        <p class="says">${log.says}</p>
        ${log.rows.length === 0
          ? html`<p class="empty">${log.empty ?? "Nobody has done anything here yet."}</p>`
          : html`<ol class="log">${
            log.rows.map(({ key, title, says, values }) =>
              html`
                <li key=${key}>
                  <span>${when(textIn(values, "at"))}</span>
                  <b>${title}</b>
                  <span>${textIn(values, "said") ?? says}</span>
                  <span class="hint">${textIn(values, "operator")} · ${textIn(
                    values,
                    "outcome",
                  )}</span>
                </li>
              `
            )
          }</ol>`}
      `}
  `;
}
