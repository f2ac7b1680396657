/// <reference lib="dom" />
/** The page's beginning. */
import { render } from "preact";
import { part } from "./parts/part.ts";
import { App } from "./app.ts";

const place = document.getElementById("page");
if (place === null) throw new Error("index.html has no element #page");
place.replaceChildren();
render(part(App, {}), place);
