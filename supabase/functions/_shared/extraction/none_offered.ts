import type { Page } from "../domain/page.ts";
import type { PlacedNode } from "../html/json_ld.ts";
import { whyNoCar } from "./no_car.ts";
import { hasOneResult, whyModel, whyNotOneVehicle, whySpokenOf } from "./not_one_vehicle.ts";
import type { NoListing } from "./page_kind.ts";

/** What a page names, in whatever syntax. */
interface Named {
  headings: readonly string[];
  nodes?: readonly PlacedNode[];
  /** Its own vehicle where that is marked up; `named`: only by the page's heading. */
  vehicle?: { vehicle: PlacedNode; named: boolean } | null;
}

/**
 * Why a page offers no one vehicle of its own, by JSON-LD, microdata, tags for sharing and labels alike: it
 * is a list or only writes about vehicles, it names a model, or what it offers is none of the road. `null` when
 * nothing says so.
 */
export function whyNoneOffered(
  page: Page,
  { headings, nodes = [], vehicle = null }: Named,
): NoListing | null {
  const { url } = page;
  const why = whyNotOneVehicle({ url, headings, nodes });
  if (why !== null) return why;
  if ((vehicle === null || vehicle.named) && hasOneResult(url, page.body)) {
    return { kind: "index", reason: "a list, not one vehicle: it says that it has one" };
  }
  const other = vehicle === null
    ? whyNoCar({}, headings, url)
    : whyModel(vehicle.vehicle, url, Number(page.fetchedAt.slice(0, 4))) ??
      whySpokenOf(vehicle.vehicle, nodes) ?? whyNoCar(vehicle.vehicle.node, headings, url);
  return other === null
    ? null
    : { kind: "no_vehicle", reason: `no one vehicle on offer: ${other}` };
}
