/// <reference lib="dom" />
import { html } from "htm/preact";
import type { VNode } from "preact";
import { brandMark } from "../parts/mark.ts";
import { useState } from "preact/hooks";
import { config } from "../api/config.ts";
import { signIn, signInHere } from "../api/session.ts";

/** Signing in; `notice` says why one has to. */
export function SignIn({ notice }: { notice: string | null }): VNode {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = async (work: () => Promise<string | null>) => {
    setBusy(true);
    setProblem(null);
    setProblem(await work());
    setBusy(false);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const form = new FormData(event.target);
    void run(() => signIn(String(form.get("email")), String(form.get("password"))));
  };
  return html`
    <main class="gate">
      <div class="gate-card">
          ${brandMark(40)}
          <h1>Vehicle database</h1>
          <p class="hint">${new URL(config.url).host}</p>
          ${notice === null
            ? null
            : html`<p class="notice" role="status">${notice} Sign in again.</p>`}
          ${config.local
            ? html`
              <button type="button" class="main" disabled=${busy} onClick=${() => run(signInHere)}>
                        Sign in to the local stack</button>
              <p class="or"><span>or</span></p>
            `
            : null}
          <form onSubmit=${submit}>
            <label>E-mail <input type="email" name="email" autocomplete="username" required /></label>
            <label>Password
              <input type="password" name="password" autocomplete="current-password" required /></label>
            <button class=${config.local ? "" : "main"} disabled=${busy}>${busy
              ? "Signing in…"
              : "Sign in"}</button>
          </form>
          <p role="alert" class="said-bad">${problem}</p>
          <p class="hint">Only operators see anything. An account is made in Supabase under Authentication → Users.</p>
        </div>
    </main>
  `;
}
