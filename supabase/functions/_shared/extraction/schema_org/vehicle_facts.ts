import { type JsonLdNode, nodeList, nodeText } from "../../html/json_ld.ts";
import { isObject, type Json } from "../../html/json_region.ts";
import { bodyStyleIn } from "../../vehicle/body_style.ts";
import { driveIn } from "../../vehicle/listing_lines.ts";
import { knownMake } from "../../vehicle/makes.ts";
import { isPlaceholderMileage, mileageNumber, readMileage } from "../../vehicle/mileage.ts";
import { FIRST_VIN_YEAR, readVin } from "../../vehicle/vin.ts";
import { DOUBT } from "../confidence.ts";
import type { FactBook } from "../fact_book.ts";
import { codedFor, namedVehicle } from "./node_name.ts";
import { isFrameNumber, isSitesNumber } from "./sites_number.ts";

/**
 * Enters what a vehicle's node of linked data states about the vehicle itself
 * (schema.org/Vehicle). `metric`: distances without a unit are kilometres on this page.
 */
export function addVehicle(
  facts: FactBook,
  node: JsonLdNode,
  where: string,
  metric: boolean,
): void {
  const name = nodeText(node.name);
  const title = namedVehicle(name ?? "");
  const year = yearOf(node, MODEL_YEAR);
  facts.add("year", year, "structured", `${where} model year ${year}`);
  // Built in a year is not always of that model year.
  const built = yearOf(node, BUILT);
  if (year === null) {
    facts.add("year", built, "structured", `${where} built ${built}`, { doubt: 0.9 });
  }
  facts.add("year", title.year, "title", `${where} name "${name}"`, { doubt: 0.9 });

  const make = nodeText(node.brand) ?? nodeText(node.manufacturer) ?? nodeText(node.make);
  const known = make === null ? null : knownMake(make);
  facts.add("make", known ?? make, "structured", `${where} brand "${make}"`, {
    doubt: known === null ? DOUBT.unknownName : 1,
  });
  if (title.makeKnown) {
    facts.add("make", title.make, "title", `${where} name "${name}"`, { doubt: 0.9 });
  }

  const model = modelOf(node, known ?? make);
  const named = codedFor(model, known ?? make, node);
  if (named === null) facts.add("model", model, "structured", `${where} model "${model}"`);
  else {
    const evidence = `${where} name "${name}"; its model "${model}" is a code`;
    facts.add("model", named, "title", evidence, { doubt: DOUBT.drawnLine });
  }
  if (title.makeKnown) {
    facts.add("model", title.model, "title", `${where} name "${name}"`, { doubt: 0.85 });
  }
  const trim = nodeText(node.vehicleConfiguration) ?? nodeText(node.trim);
  facts.add(
    "trim",
    trim ?? trimIn(model, title.model),
    trim === null ? "title" : "structured",
    `${where} "${trim ?? name}"`,
    {
      doubt: trim === null ? 0.9 : 1,
    },
  );

  addVin(facts, node, where, year ?? title.year ?? built);
  addMileage(facts, node, where, metric);

  const body = bareName(node.bodyType);
  const terms = [
    ["color", nodeText(node.color), "color"],
    ["interior_color", nodeText(node.vehicleInteriorColor), "vehicleInteriorColor"],
    ["engine", engineOf(node.vehicleEngine), "vehicleEngine"],
    ["transmission", bareName(node.vehicleTransmission), "vehicleTransmission"],
    ["drivetrain", driveOf(node.driveWheelConfiguration), "driveWheelConfiguration"],
    ["body_style", body, "bodyType"],
  ] as const;
  for (const [field, value, key] of terms) {
    // As it is written where it is a text or a term; an object is shown by what was read of it.
    const written = nodeText(node[key]) ?? value;
    facts.add(field, value, "structured", `${where} ${key} "${written}"`);
  }
  if (body === null) {
    facts.add("body_style", bodyStyleIn(title.model ?? ""), "title", `${where} name "${name}"`);
  }
  const description = nodeText(node.description);
  if (description !== null && description.length >= 40) {
    facts.add(
      "description",
      description,
      "structured",
      `${where} description, ${description.length} characters`,
    );
  }
}

const MODEL_YEAR = ["vehicleModelDate", "modelDate", "modelYear", "year"];
const BUILT = ["productionDate", "releaseDate"];

function yearOf(node: JsonLdNode, keys: readonly string[]): number | null {
  for (const key of keys) {
    const year = /^\s*((?:18|19|20)\d{2})(?:-|\b)/.exec(nodeText(node[key]) ?? "")?.[1];
    if (year !== undefined) return Number(year);
  }
  return null;
}

function modelOf(node: JsonLdNode, make: string | null): string | null {
  const model = nodeText(node.model);
  if (model === null || make === null) return model;
  const bare = model.toLowerCase().startsWith(`${make.toLowerCase()} `)
    ? model.slice(make.length + 1).trim()
    : model;
  return /^https?:/.test(bare) ? null : bare;
}

/** "Odyssey" in a name "Odyssey EX-L": the rest is the trim. */
function trimIn(model: string | null, named: string | null): string | null {
  if (
    model === null || named === null || !named.toLowerCase().startsWith(`${model.toLowerCase()} `)
  ) return null;
  const rest = named.slice(model.length + 1).replace(/\s(?:for sale|in|-|\|).*$/i, "").trim();
  return rest === "" || rest.length > 60 ? null : rest;
}

function addVin(facts: FactBook, node: JsonLdNode, where: string, year: number | null): void {
  const stated = nodeText(node.vehicleIdentificationNumber) ?? nodeText(node.vin);
  const vin = stated === null ? null : readVin(stated, year);
  if (stated === null || vin === null || isSitesNumber(vin, year, node)) return;
  facts.add("vin", vin.vin, "structured", `${where} vehicleIdentificationNumber "${stated}"`, {
    checked: vin.checkDigit === "right" && vin.fitsYear !== false,
    doubt: vin.repaired
      ? DOUBT.repaired
      : vin.checkDigit === "wrong"
      ? DOUBT.badCheckDigit
      : vin.kind === "chassis" && year !== null && year >= FIRST_VIN_YEAR
      ? isFrameNumber(vin.vin) ? DOUBT.contradicted : DOUBT.unlikely
      : 1,
  });
}

function addMileage(facts: FactBook, node: JsonLdNode, where: string, metricHere: boolean): void {
  const stated = node.mileageFromOdometer;
  const quantity = isObject(stated) ? stated.value : Array.isArray(stated) ? stated[0] : stated;
  const unit = isObject(stated)
    ? `${nodeText(stated.unitCode) ?? ""} ${nodeText(stated.unitText) ?? ""}`
    : "";
  const text = typeof quantity === "string" ? quantity : "";
  const inText = readMileage(text);
  const metric = /\b(?:KMT|km|kilomet\w+)\b/i.test(unit) ||
    (!/\b(?:SMI|mi|mile\w*)\b/i.test(unit) && metricHere);
  const miles = inText?.miles ?? mileageNumber(quantity ?? null, metric);
  const isNew = /new/i.test(nodeText(node.itemCondition) ?? "");
  if (miles === null || isPlaceholderMileage(miles) || (miles < 2 && !isNew)) return;
  const stateless = unit.trim() === "" && inText === null;
  facts.add(
    "mileage",
    miles,
    "structured",
    `${where} mileageFromOdometer ${JSON.stringify(stated).slice(0, 120)}`,
    {
      doubt: stateless && metricHere ? DOUBT.contradicted : 1,
    },
  );
}

function engineOf(value: Json | undefined): string | null {
  const engine = nodeList(value)[0];
  if (!isObject(engine)) return nodeText(engine ?? null);
  const named = nodeText(engine.name);
  if (named !== null) return named;
  const displacement = isObject(engine.engineDisplacement)
    ? [
      nodeText(engine.engineDisplacement.value),
      litres(nodeText(engine.engineDisplacement.unitCode)),
    ]
    : [nodeText(engine.engineDisplacement)];
  const parts = [...displacement, nodeText(engine.engineType)].filter((part) =>
    part !== null && part !== ""
  );
  return parts.length === 0 || nodeText(engine.engineType) === null ? null : parts.join(" ");
}

function litres(unit: string | null): string | null {
  return unit === "LTR" ? "L" : unit === "CMQ" ? "cc" : unit === "INQ" ? "ci" : unit;
}

/** A term of the vocabulary, alone or as an address: "https://schema.org/FourWheelDriveConfiguration". */
function bareName(value: Json | undefined): string | null {
  const text = nodeText(value);
  if (text === null || !TERM.test(text)) return text;
  const last = text.split(/[/#]/).at(-1) ?? "";
  return last.replace(/(?:Configuration|Transmission)$/, "").replace(/([a-z])([A-Z])/g, "$1 $2") ||
    null;
}

const TERM = /^https?:\/\/|^(?:[A-Z][a-z]+){2,}(?:Configuration|Transmission)$/;

function driveOf(value: Json | undefined): string | null {
  const text = bareName(value)?.replace(/^_/, "") ?? null;
  if (text === null) return null;
  const spelled = text.replace(/\bDrive\b/i, "-Drive").replace(/\s+-/g, "-");
  return driveIn(text) ?? driveIn(spelled) ??
    (/\bfront\b/i.test(text) ? "FWD" : /\brear\b/i.test(text) ? "RWD" : text);
}
