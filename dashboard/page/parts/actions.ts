/// <reference lib="dom" />
import { html } from "htm/preact";
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { call } from "../api/call.ts";
import { type Action, type Done, doneSchema } from "../api/shapes.ts";
import { part } from "./part.ts";

/** What became of an action, in words. */
export interface Outcome {
  good: boolean;
  /** What remains: nothing, to try it again, or to look again at what is held by now. */
  left: "nothing" | "try again" | "look again";
  says: string;
}

/** Calls an operator's function; never throws. */
export async function act(rpc: string, args: Record<string, unknown>): Promise<Outcome> {
  // The name comes with the answer: what is no operator's function is not called, whoever wrote it.
  if (!/^operator_[a-z_]+$/.test(rpc)) {
    return { good: false, left: "nothing", says: `${rpc} is no operator's function` };
  }
  const answer = await call(rpc, args, doneSchema);
  if (answer.ok) return outcomeOf(answer.value);
  const { says, what_to_do } = answer.trouble;
  return { good: false, left: "try again", says: `${says} ${what_to_do}`.trim() };
}

function outcomeOf({ outcome, said, by }: Done): Outcome {
  const good = outcome === "done" || outcome === "nothing_to_do";
  const isOld = outcome === "already_done" || outcome === "changed";
  return {
    good,
    left: good || outcome === "already_done"
      ? "nothing"
      : outcome === "changed"
      ? "look again"
      : "try again",
    says: isOld && by ? `${said} (${by})` : said,
  };
}

interface Props {
  actions: Action[];
  /** After one was done, or could not be. */
  onDone: (outcome: Outcome) => void;
}

function Actions({ actions, onDone }: Props): VNode {
  const [asking, setAsking] = useState<Action | null>(null);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const run = async (action: Action, args: Record<string, unknown>) => {
    setBusy(true);
    const became = await act(action.rpc, args);
    setOutcome(became);
    setBusy(false);
    setAsking(null);
    onDone(became);
  };
  const press = (action: Action) => action.asks ? setAsking(action) : void run(action, action.args);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement) || !asking?.asks) return;
    const said = new FormData(event.target).get("said");
    void run(asking, { ...asking.args, [asking.asks]: String(said ?? "") });
  };
  return html`<div class="actions">
    ${
    asking === null
      ? actions.map((action) =>
        html`
          <button type="button" key=${action.label} disabled=${busy}
            onClick=${() => press(action)}>${action.label}</button>
        `
      )
      : html`
        <form class="ask" onSubmit=${submit}>
          <label>${askedFor(asking.asks ?? "")}
                  <input name="said" required autocomplete="off" /></label>
          <button disabled=${busy}>${asking.label}</button>
          <button type="button" class="quiet" onClick=${() => setAsking(null)}>Cancel</button>
        </form>
      `
  }
    <span role="status" class=${outcome === null ? "" : outcome.good ? "said-good" : "said-bad"}>${
    busy ? "…" : outcome?.says
  }</span>
  </div>`;
}

const askedFor = (argument: string) =>
  argument.replace(/^p_/, "").replace(/^./, (first) => first.toUpperCase());

/** The buttons of a row, and what became of them. */
export function actionsOf(actions: Action[], onDone: (outcome: Outcome) => void): VNode | null {
  return actions.length === 0 ? null : part(Actions, { actions, onDone });
}
