import { DOUBT } from "../../extraction/confidence.ts";
import type { FactBook } from "../../extraction/fact_book.ts";
import { bodyStyleIn } from "../../vehicle/body_style.ts";
import { bareSize, engineInText } from "./engine.ts";
import { paintInText, repaintInText } from "./paint.ts";
import type { Post } from "./post.ts";
import type { NamedVehicle } from "./seller_title.ts";

/** A row that says nothing: "other", "custom". */
const NO_VALUE = /^(?:other|custom|none|n\/?a|unknown)$/i;

/** Gearbox, paint, driven wheels and body: rows of the form, else words of the text. */
export function addForm(facts: FactBook, post: Post, own: string): void {
  const row = (label: string) => {
    const value = post.form.rows.get(label);
    return value === undefined || NO_VALUE.test(value) ? null : value;
  };
  const gears = row("transmission");
  if (gears !== null) {
    const said = gearsInText(post.title, own);
    const against = said !== null && said !== gears;
    facts.add(
      "transmission",
      gears,
      "labelled",
      `transmission "${gears}"${against ? `; but the text says ${said}` : ""}`,
      {
        checked: said === gears,
        doubt: against ? DOUBT.contradicted : 1,
      },
    );
  } else {
    const said = gearsInText(post.title, own);
    if (said !== null) {
      facts.add("transmission", said, "prose", `the text says ${said}`, { checked: true });
    }
  }
  const color = row("paint color");
  facts.add("color", color, "labelled", `paint color "${color}"`);
  if (color === null) {
    const painted = paintInText(own);
    facts.add("color", painted, "prose", `description "…${painted}…"`, { checked: true });
    // What it was painted in once may have changed since.
    const repainted = painted === null ? repaintInText(own) : null;
    facts.add("color", repainted, "prose", `description "painted … ${repainted}…"`);
  }
  const drive = row("drive");
  // Sellers choose it carelessly: rear-wheel drive cars are posted as fwd.
  if (drive !== null) {
    facts.add("drivetrain", drive.toUpperCase(), "labelled", `drive "${drive}"`, { doubt: 0.93 });
  }
  const type = row("type");
  facts.add("body_style", type === "offroad" ? null : type, "labelled", `type "${type}"`, {
    doubt: 0.94,
  });
  if (type === null) {
    facts.add("body_style", bodyStyleIn(post.title), "title", `title "${post.title}"`, {
      doubt: 0.95,
    });
  }
}

/** "automatic" or "manual" where the text says one and not the other. */
function gearsInText(title: string, own: string): string | null {
  const text = `${title}\n${own.slice(0, 3_000)}`;
  const manual =
    /\b(?:[3-7][ -]?sp(?:ee)?d (?:manual|stick)|manual (?:trans\w*|gearbox|shift)|stick ?shift|[4-7][ -]speed manual)\b/i
      .test(text);
  const automatic =
    /\b(?:automatic (?:trans\w*)|auto trans\w*|(?:transmission|trans) ?:? ?auto(?:matic)?|[3-9]|10)[ -]?(?:sp(?:ee)?d )?automatic\b|\bautomatic trans/i
      .test(text);
  return manual === automatic ? null : manual ? "manual" : "automatic";
}

/** The engine as title or text name it; else the form's cylinders, with a fuel that is no petrol. */
export function addEngine(facts: FactBook, post: Post, titled: NamedVehicle, own: string): void {
  const { rows } = post.form;
  const cylinders = rows.get("cylinders");
  const fuel = rows.get("fuel") ?? "";
  const notable = /^(?:diesel|hybrid)$/i.test(fuel) ? fuel : null;
  const counted = cylinders === undefined || NO_VALUE.test(cylinders)
    ? null
    : notable === null
    ? cylinders
    : `${cylinders} ${notable}`;
  const size = titled.model === null ? null : bareSize(titled.rest, titled.year);
  const named = [
    engineInText(post.title),
    engineInText(own),
    size === null ? null : { engine: notable === null ? size : `${size} ${notable}`, weight: 1.8 },
  ].reduce((best, one) => one !== null && one.weight > (best?.weight ?? 0) ? one : best, null);
  if (named !== null && (named.weight > 1.5 || counted === null)) {
    const same = counted !== null && cylindersOf(named.engine) === cylindersOf(counted);
    facts.add(
      "engine",
      named.engine,
      "prose",
      `text "${named.engine}"${counted === null ? "" : `, cylinders "${counted}"`}`,
      {
        checked: true,
        doubt: same ? 1.05 : named.weight >= 3 ? 1 : 0.95,
      },
    );
    return;
  }
  facts.add("engine", counted, "labelled", `cylinders "${cylinders}", fuel "${fuel}"`, {
    doubt: 0.93,
  });
  if (counted === null && /^electric$/i.test(fuel)) {
    facts.add("engine", "electric", "labelled", `fuel "${fuel}"`);
  }
}

function cylindersOf(engine: string): string | null {
  return /\b(?:V-?|VR|I-?|L|flat[- ]|inline[- ]|straight[- ]|W)(\d{1,2})\b/i.exec(engine)?.[1] ??
    /\b(\d{1,2})[ -]?cyl/i.exec(engine)?.[1] ?? null;
}
