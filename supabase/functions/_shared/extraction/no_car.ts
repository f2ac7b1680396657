import { pathOf } from "../domain/host.ts";
import { type JsonLdNode, nodeText } from "../html/json_ld.ts";
import { parseTitle } from "../vehicle/title.ts";
import { nonVehicleIn } from "./non_vehicle.ts";

/** Words for what floats, flies or is drawn, in the languages of the sites that exist. */
const BOAT =
  /\b(?:boats?|yachts?|catamaran|pontoon boats?|sailboats?|motorboats?|speedboats?|jet ?skis?|watercraft|wave ?runner|sea-?doo|dinghy|outboard|cruiser yacht|boote?|segelboot|motorboot|bateaux?|voilier|barca|barche|barco|lancha|velero|łód[źz]|jacht|båt(?:ar)?|zeilboot|aircraft|airplanes?|helicopters?|gliders?)\b/iu;
/** What is none of the road whoever made it: Yamaha and Honda make both. */
const AFLOAT =
  /\b(?:jet ?skis?|wave ?runners?|sea-?doo|watercraft|pontoons?|sail ?boats?|speed ?boats?|motor ?boats?|(?:deck|bass|jet|ski|fishing|house|power|jon) ?boats?|bowriders?|outboards?|\p{L}*yachts?|segelboote?|motorboote?|schlauchboote?|catamarans?|katamaran|voiliers?|zeilboot|motorówka|żaglówka|motorbåt|segelbåt|snipa|helicopters?|cessna|beechcraft)(?!\p{L})/iu;
/** Makers of boats only. */
const BOAT_MAKERS =
  /\b(?:sea ray|bayliner|boston whaler|beneteau|jeanneau|sunseeker|azimut|chaparral|mastercraft|grady[- ]white|four winns|chris[- ]craft|hunter marine|catalina yachts?|nimbus boats|quicksilver activ|regal commodore|bennington|crownline|monterey boats|riva aquarama|zodiac|tracker marine|lund boats)\b/i;

/** Why what a node names is no vehicle of the road: a boat, a part, a toy; `null` when nothing says so. */
export function whyNoCar(
  node: JsonLdNode,
  headings: readonly string[],
  url: string,
): string | null {
  const said = ["name", "category", "bodyType", "vehicleConfiguration", "additionalType"]
    .map((key) => nodeText(node[key])).filter((one) => one !== null);
  const names = [
    ...said,
    ...headings,
    nodeText(node.brand) ?? "",
    nodeText(node.manufacturer) ?? "",
  ];
  const path = decodeURIComponent(pathOf(url).replace(/%(?![\da-f]{2})/gi, " ")).replace(
    /[-_/]+/g,
    " ",
  );
  const afloat = [...said, ...headings].map((words) => AFLOAT.exec(words)?.[0])
    .find((found) => found !== undefined);
  if (afloat !== undefined) return `a "${afloat}"`;
  for (const words of [...names, path]) {
    const found = BOAT.exec(words)?.[0] ?? BOAT_MAKERS.exec(words)?.[0];
    if (found !== undefined && !parseTitle(words).makeKnown) return `a "${found}"`;
  }
  if (nodeText(node.vehicleIdentificationNumber) ?? nodeText(node.mileageFromOdometer)) return null;
  const name = nodeText(node.name);
  const thing = name === null ? null : nonVehicleIn(name);
  const title = parseTitle(name ?? "");
  return thing === null || (title.year !== null && title.makeKnown) ? null : `a thing: "${thing}"`;
}
