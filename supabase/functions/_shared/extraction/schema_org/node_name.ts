import { type JsonLdNode, nodeText } from "../../html/json_ld.ts";
import { parseTitle, type TitleReading } from "../../vehicle/title.ts";

/** Models whose names are years as well. */
const YEAR_MODEL = /\b(?:peugeot[- ]2008|bmw[- ](?:2000|2002))\b/i;
const YEAR = /(?<![\w.,-])(?:19[3-9]|20[0-4])\d(?![\w.,-]*\w)/g;

/**
 * A vehicle's name whose year may stand behind make and model: "Nissan Patrol SE Platinum 2024", "Peugeot
 * 2008 Allure 2019".
 */
export function namedVehicle(name: string): TitleReading {
  const title = parseTitle(name);
  if (title.makeKnown) return title;
  const model = YEAR_MODEL.exec(name);
  const from = model === null ? 0 : model.index + model[0].length;
  const years = [...name.slice(from).matchAll(YEAR)];
  const [year] = years;
  if (year === undefined || years.length > 1) {
    return model === null ? title : { ...title, year: null };
  }
  const at = from + year.index;
  const rest = `${name.slice(0, at).trim()} ${name.slice(at + year[0].length).trim()}`;
  const turned = parseTitle(`${year[0]} ${rest}`);
  return turned.makeKnown ? turned : title;
}

/** What makers call a series among themselves, and shops a model: "J1", "W205", "8V1", "XV70". */
const CODE = /^(?:typ )?(?=[A-Z\d]*\d)[A-Z\d]{2,6}$|^\d{1,9}$/i;

/**
 * The model that a vehicle's name gives where its `model` is a code of which the name knows nothing; `null`
 * where the model is a name.
 */
export function codedFor(
  model: string | null,
  make: string | null,
  node: JsonLdNode,
): string | null {
  const name = nodeText(node.name);
  if (model === null || make === null || name === null || !CODE.test(model)) return null;
  const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\d]/gu, "");
  if (plain(name).includes(plain(model))) return null;
  const title = namedVehicle(name);
  const bare = name.replace(/\s*\((?:MY)?\s?\d{2,4}\)\s*$/i, "").trim();
  return (title.makeKnown ? title : parseTitle(`2000 ${make} ${bare}`)).model;
}
