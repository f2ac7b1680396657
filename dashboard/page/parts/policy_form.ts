import { html } from "htm/preact";
import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { textIn } from "../api/shapes.ts";
import { actionForm } from "./forms.ts";
import { part } from "./part.ts";

interface Setting {
  name: string;
  says: string;
  /** The values that can be chosen; null is a number. */
  choices: readonly string[] | null;
}

/** The columns of `fill_policy` that an operator moves. */
const settings: readonly Setting[] = [
  { name: "target", says: "Vehicles wanted in two hours", choices: null },
  { name: "quality_floor", says: "How complete they are to be, 0 to 1", choices: null },
  { name: "is_enabled", says: "The agent works", choices: ["true", "false"] },
  { name: "galleries", says: "Pictures downloaded", choices: ["all", "cover", "none"] },
  { name: "approve_sources", says: "New sites are taken in", choices: ["automatic", "by_hand"] },
  { name: "new_sources_ceiling", says: "New sites a cycle, at most", choices: null },
  { name: "workers_floor", says: "Workers, at least", choices: null },
  { name: "workers_ceiling", says: "Workers, at most", choices: null },
  { name: "requests_floor", says: "Requests a cycle, at least", choices: null },
  { name: "requests_ceiling", says: "Requests a cycle, at most", choices: null },
  { name: "exploration_share", says: "Share of requests for new sites, 0 to 1", choices: null },
  { name: "host_interval_ceiling_ms", says: "Slowest pace of a host, ms", choices: null },
];

/** The policy of filling; only what was changed is sent, with what was seen. */
export function policyForm(policy: Record<string, unknown>, onDone: () => void): VNode | null {
  const isThere = settings.some(({ name }) => policy[name] !== undefined);
  return isThere ? part(PolicyForm, { policy, onDone }) : null;
}

interface Props {
  policy: Record<string, unknown>;
  onDone: () => void;
}

/**
 * While somebody types, the policy stays the one that he sees: what another operator changes meanwhile is found out
 * when it is sent, and not written over.
 */
function PolicyForm({ policy: newest, onDone }: Props): VNode {
  const [typing, setTyping] = useState(false);
  const seen = useRef(newest);
  if (!typing) seen.current = newest;
  const form = fieldsOf(seen.current, () => {
    setTyping(false);
    onDone();
  });
  return html`<div onInput=${() => setTyping(true)}>${form}</div>`;
}

function fieldsOf(policy: Record<string, unknown>, onDone: () => void): VNode {
  const there = settings.filter(({ name }) => policy[name] !== undefined);
  return actionForm({
    title: "Policy: target, floors and ceilings",
    label: "Change the policy",
    fields: html`<div class="fields" key=${textIn(policy, "seen")}>${
      there.map((setting) => field(setting, shown(policy[setting.name])))
    }</div>`,
    rpc: "operator_set_policy",
    read: (form) => {
      const changed = there
        .map((setting) => [setting, String(form.get(setting.name) ?? "")] as const)
        .filter(([{ name }, value]) => value !== shown(policy[name]))
        .map(([{ name, choices }, value]) => [name, typed(value, choices)]);
      if (changed.length === 0) return null;
      return { p_changes: Object.fromEntries(changed), p_seen: textIn(policy, "seen") };
    },
    onDone,
  });
}

const shown = (value: unknown) => value === null || value === undefined ? "" : String(value);

function typed(value: string, choices: Setting["choices"]): unknown {
  if (choices === null) return value === "" ? null : Number(value);
  return value === "true" ? true : value === "false" ? false : value;
}

function field({ name, says, choices }: Setting, value: string): VNode {
  if (choices === null) {
    return html`<label key=${name}>${says}
      <input name=${name} type="number" step="any" defaultValue=${value} /></label>`;
  }
  // What the database allows beyond what this page knows stays as it is.
  const all = choices.includes(value) ? choices : [...choices, value];
  return html`<label key=${name}>${says} <select name=${name}>${
    all.map((one) =>
      html`<option key=${one} value=${one} selected=${one === value}>${
        one.replaceAll("_", " ")
      }</option>`
    )
  }</select></label>`;
}
