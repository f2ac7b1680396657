import type { FeedFormat } from "../../extraction/index/feed_list.ts";
import type { Feed } from "../adapter.ts";
import { site } from "./index_page.ts";
import { whyNoVehicleListed } from "./non_vehicle.ts";

/** Where the site names its auctions. */
export const feeds: readonly Feed[] = [
  {
    url: "https://carsandbids.com/rss.xml",
    kind: "rss",
    about: "The auctions that started last; the feed that the site's own pages name",
    enabled: true,
    interval_minutes: 120,
  },
  {
    url: "https://carsandbids.com/past-auctions/",
    kind: "index",
    about: "Ended auctions",
    enabled: false,
    off_because: "a plain fetch gets a shell that only a browser fills",
    interval_minutes: 720,
  },
];

export const feedFormat: FeedFormat = {
  site,
  list: ({ listed }) => ({ listed, why: whyNoVehicleListed }),
};
