/// <reference lib="dom" />
/** Small forms of operators: what is sent is decided in the database. */
import { html } from "htm/preact";
import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import { act, type Outcome } from "./actions.ts";
import { part } from "./part.ts";

interface Props {
  /** What is opened to see the form. */
  title: string;
  label: string;
  fields: ComponentChildren;
  rpc: string;
  /** The function's arguments, from the fields by name; null when nothing is to be sent. */
  read: (form: FormData) => Record<string, unknown> | null;
  onDone: () => void;
}

function ActionForm({ title, label, fields, rpc, read, onDone }: Props): VNode {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    const args = read(new FormData(form));
    if (args === null) {
      return setOutcome({ good: true, left: "nothing", says: "Nothing was changed." });
    }
    setBusy(true);
    const became = await act(rpc, args);
    setBusy(false);
    setOutcome(became);
    if (became.left !== "try again") onDone();
  };
  return html`
    <details class="do">
      <summary>${title}</summary>
      <form onSubmit=${submit}>
        ${fields}
        <button disabled=${busy}>${busy ? "…" : label}</button>
        <span role="status" class=${outcome?.good ? "said-good" : "said-bad"}>${outcome
          ?.says}</span>
      </form>
    </details>
  `;
}

/** A form that calls one of the operators' functions. */
export function actionForm(props: Props): VNode {
  return part(ActionForm, props);
}

export function addSourceForm(onDone: () => void): VNode {
  return actionForm({
    title: "Add a site that you know",
    label: "Add it as a candidate",
    fields: html`<div class="fields"><label>Its address
      <input name="url" type="url" required placeholder="https://example-dealer.com" /></label></div>`,
    rpc: "operator_add_source",
    read: (form) => ({ p_url: String(form.get("url")) }),
    onDone,
  });
}

const items = [
  ["request", "a request"],
  ["gb_fetched", "a GB fetched"],
  ["gb_stored_month", "a GB stored for a month"],
  ["invocation", "an invocation of a function"],
] as const;

/** @param held the rate of each item as it stands ("2 for 1000000", "no rate"): sent along as what was seen. */
export function costRateForm(held: Record<string, string>, onDone: () => void): VNode {
  return actionForm({
    title: "Give a rate",
    label: "Keep it",
    fields: html`
      <div class="fields">
        <label>Of <select name="item">${items.map(([value, says]) =>
          html`<option key=${value} value=${value}>${says}: ${held[value] ?? "no rate"}</option>`
        )}</select></label>
        <label>Price <input name="price" type="number" min="0" step="any" required /></label>
        <label>for so many <input name="per" type="number" min="1" step="any" value="1000000" required /></label>
      </div>
    `,
    rpc: "operator_set_cost_rate",
    read: (form) => ({
      p_item: form.get("item"),
      p_price: Number(form.get("price")),
      p_per: Number(form.get("per")),
      p_seen: held[String(form.get("item"))] ?? null,
    }),
    onDone,
  });
}
