/// <reference lib="dom" />
import { html } from "htm/preact";
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Trouble } from "../api/call.ts";
import { type Polled, type Range, RANGES, startPoll } from "../api/poll.ts";
import { type FailedPanel, type Panel, readPanel } from "../api/shapes.ts";
import { coverage } from "../panels/coverage.ts";
import { cycle } from "../panels/cycle.ts";
import type { PanelDefinition } from "../panels/definition.ts";
import { hosts } from "../panels/hosts.ts";
import { maps } from "../panels/maps.ts";
import { money } from "../panels/money.ts";
import { queues } from "../panels/queues.ts";
import { running } from "../panels/running.ts";
import { sources } from "../panels/sources.ts";
import { supply } from "../panels/supply.ts";
import { truth } from "../panels/truth.ts";
import { clockAhead } from "../parts/clock.ts";
import { panelCard } from "../parts/panel_card.ts";
import { troubleNotice } from "../parts/trouble.ts";
import { absolute, relative } from "../parts/when.ts";
import { span } from "../parts/words.ts";

const panels: PanelDefinition[] = [
  ...[cycle, supply, queues, hosts, sources, coverage, truth, maps, money],
];
const rangeWords: Record<Range, string> = {
  "3h": "3 hours",
  "2d": "2 days",
  "7d": "7 days",
  "60d": "60 days",
  all: "All",
};

/** What was shown last: it stands again at once when somebody comes back from another page. */
let kept: Polled = { range: "2d", answer: null, answeredAt: null, trouble: null };

/** All panels, top to bottom. */
export function Overview({ onTrouble }: { onTrouble: (trouble: Trouble) => void }): VNode {
  const [polled, setPolled] = useState<Polled>(kept);
  const poll = useRef<ReturnType<typeof startPoll> | null>(null);
  useEffect(() => {
    const started = startPoll(kept, (state) => {
      kept = state;
      setPolled(state);
      if (state.trouble !== null) onTrouble(state.trouble);
    });
    poll.current = started;
    return () => started.stop();
  }, []);
  const refresh = () => poll.current?.refresh();
  const given = (name: string): Panel | FailedPanel | null =>
    polled.answer === null ? null : readPanel(polled.answer.panels[name]);
  return html`
    <h1 class="unseen">Overview</h1>
    <div class="bar">
      ${freshness(polled)}
      <fieldset class="ranges"><legend class="unseen">How far back the charts go</legend>${RANGES
        .map((range) =>
          html`<label key=${range}><input type="radio" name="range" value=${range}
        checked=${polled.range === range} onChange=${() => poll.current?.choose(range)} />
        <span>${rangeWords[range]}</span></label>`
        )}</fieldset>
    </div>
    ${troubleNotice(polled.trouble, staleWords(polled))}
    ${running(given("running"), refresh)}
    <div class="panels">${panels.map((one) => panelCard(one, given(one.name), refresh))}</div>
    ${clockNotice()}
  `;
}

function freshness({ answeredAt, answer, trouble }: Polled): VNode {
  if (answer === null || answeredAt === null) return html`<p class="fresh">Asking…</p>`;
  const sampled = answer.sampled_at ? Date.parse(answer.sampled_at) : null;
  return html`<p class=${trouble === null ? "fresh fresh-live" : "fresh"}>
    <span>As of ${absolute(answeredAt)}</span>
    <span class="hint">${
    sampled === null ? "charts: never sampled" : `charts: sampled ${relative(sampled)}`
  }</span></p>`;
}

function staleWords({ answeredAt }: Polled): string | undefined {
  return answeredAt === null ? undefined : `What is shown is from ${absolute(answeredAt)}.`;
}

function clockNotice(): VNode | null {
  const seconds = clockAhead() / 1000;
  if (Math.abs(seconds) < 120) return null;
  return html`
    <p
      class="hint">The clock of this machine is ${span(seconds)} ${seconds > 0
        ? "ahead"
        : "behind"}. All times here are the server's.</p>
  `;
}
