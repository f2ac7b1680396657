/// <reference lib="dom" />
import { html } from "htm/preact";
import type { VNode } from "preact";
import { brandMark } from "./parts/mark.ts";
import { useEffect, useRef, useState } from "preact/hooks";
import { config } from "./api/config.ts";
import { sessionEnded, type Trouble } from "./api/call.ts";
import { onSession, signedIn, signOut } from "./api/session.ts";
import { part } from "./parts/part.ts";
import { readRoute, type Route } from "./route.ts";
import { LogView } from "./views/log.ts";
import { Overview } from "./views/overview.ts";
import { ReviewView } from "./views/review.ts";
import { SignIn } from "./views/sign_in.ts";
import { Stranger } from "./views/stranger.ts";
import { VehicleView } from "./views/vehicle.ts";
import { VehiclesView } from "./views/vehicles.ts";

const pages = [
  ["overview", "#/", "Overview"],
  ["vehicles", "#/vehicles", "Vehicles"],
  ["review", "#/review", "Review"],
  ["log", "#/log", "Log"],
] as const;

/** Who looks decides what is there: nobody signs in, a stranger is told so, an operator sees all. */
export function App(_: object): VNode {
  const [email, setEmail] = useState<string | null | "asking">("asking");
  const [stopped, setStopped] = useState<Trouble | null>(null);
  const known = useRef<string | null>(null);
  const [route, setRoute] = useState<Route>(readRoute(location.hash));

  useEffect(() => {
    void signedIn().then(setEmail);
    return onSession((who) => {
      // Gone without anybody's doing: it is said, where otherwise one only finds oneself outside.
      if (who === null && known.current !== null) setStopped(sessionEnded);
      if (who !== null) setStopped(null);
      known.current = who;
      setEmail(who);
    });
  }, []);
  useEffect(() => {
    const moved = () => setRoute(readRoute(location.hash));
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  useEffect(() => {
    document.title = `${route.title} · ${new URL(config.url).host}`;
  }, [route.title]);

  /** A view met something that only another session can mend. */
  const onTrouble = (trouble: Trouble) => {
    if (trouble.kind === "session" || trouble.kind === "forbidden") setStopped(trouble);
  };
  const leave = () => {
    known.current = null;
    setStopped(null);
    setEmail(null);
    void signOut();
  };

  if (email === "asking") return html`<p class="starting">Starting…</p>`;
  if (email === null || stopped?.kind === "session") {
    return part(SignIn, { notice: stopped === null ? null : sessionEnded.says });
  }
  if (stopped?.kind === "forbidden") return part(Stranger, { email, trouble: stopped, leave });
  return html`
    <a class="skip" href="#main">To the content</a>
    <header class="top">
      <a class="brand" href="#/">${brandMark(24)}
        <span>Vehicles</span> <small>${new URL(config.url).host}</small></a>
      <nav aria-label="Pages">${pages.map(([name, to, title]) =>
        html`<a key=${name} href=${to} aria-current=${current(route, name)}>${title}</a>`
      )}</nav>
      <div class="who"><span class="who-mail" title=${email}>${email}</span>
        <button type="button" class="quiet" onClick=${leave}>Sign out</button></div>
    </header>
    <main id="main" tabindex="-1">${viewOf(route, onTrouble)}</main>
  `;
}

function current(route: Route, name: string): "page" | undefined {
  const page = route.view === "vehicle" ? "vehicles" : route.view;
  return page === name ? "page" : undefined;
}

function viewOf(route: Route, onTrouble: (trouble: Trouble) => void): VNode {
  switch (route.view) {
    case "overview":
      return part(Overview, { onTrouble });
    case "vehicles":
      return part(VehiclesView, { text: route.text, onTrouble });
    case "vehicle":
      return part(VehicleView, { id: route.id, key: route.id, onTrouble });
    case "review":
      return part(ReviewView, { onTrouble });
    case "log":
      return part(LogView, { onTrouble });
  }
}
