/** A public site where vehicles are offered, known by name only: nothing of its pages is kept here. */
interface KnownSite {
  /** Its host as `source_hosts` names it: lower case, without www. */
  host: string;
  kind: "auction" | "classified" | "dealer";
  /** ISO 3166-1 alpha-2 of the country that it mainly serves. */
  country: string;
}

function sites(kind: KnownSite["kind"], country: string, hosts: string): KnownSite[] {
  return hosts.split(" ").map((host) => ({ host, kind, country }));
}

/**
 * Marketplaces, auction houses and dealer platforms that anybody knows. A name here is a candidate
 * and no more: whether its robots.txt lets it be read, and whether it can be, is for the probe.
 */
export const KNOWN_SITES: readonly KnownSite[] = [
  ...sites("auction", "US", "barrett-jackson.com mecum.com hemmings.com gaaclassiccars.com"),
  ...sites("auction", "US", "hagerty.com rmsothebys.com goodingco.com broadarrowauctions.com"),
  ...sites("auction", "US", "sbxcars.com leakecar.com vicariauction.com smithauctionsllc.com"),
  ...sites("auction", "US", "carlisleevents.com premierauctiongroup.com vanderbrinkauctions.com"),
  ...sites("auction", "US", "govdeals.com municibid.com publicsurplus.com"),
  ...sites("auction", "GB", "collectingcars.com carandclassic.com bonhams.com themarket.co.uk"),
  ...sites("auction", "GB", "historics.co.uk silverstoneauctions.com iconicauctioneers.com"),
  ...sites("auction", "GB", "handh.co.uk mathewsons.co.uk manorparkclassics.com"),
  ...sites("auction", "FR", "artcurial.com aguttes.com osenat.com"),
  ...sites("auction", "DE", "benzin.de dorotheum.com"),
  ...sites("auction", "NL", "catawiki.com"),
  ...sites("auction", "AU", "shannons.com.au grays.com lloydsauctions.com.au"),
  ...sites(
    "classified",
    "US",
    "autotrader.com classiccars.com cargurus.com carfax.com truecar.com",
  ),
  ...sites("classified", "US", "oldcaronline.com carsforsale.com autotempest.com edmunds.com"),
  ...sites("classified", "US", "rennlist.com dupontregistry.com jamesedition.com racingjunk.com"),
  ...sites("classified", "CA", "autotrader.ca kijijiautos.ca carpages.ca"),
  ...sites("classified", "GB", "pistonheads.com autotrader.co.uk classiccarsforsale.co.uk"),
  ...sites("classified", "GB", "carsandclassic.co.uk motors.co.uk"),
  ...sites("classified", "DE", "mobile.de autoscout24.de classic-trader.com oldtimer.de"),
  ...sites("classified", "FR", "leparking.fr lacentrale.fr"),
  ...sites("classified", "IT", "automobile.it subito.it"),
  ...sites("classified", "ES", "coches.net"),
  ...sites("classified", "NL", "marktplaats.nl gaspedaal.nl"),
  ...sites("classified", "AU", "carsales.com.au justcars.com.au"),
  ...sites("dealer", "US", "carmax.com carvana.com streetsideclassics.com gatewayclassiccars.com"),
  ...sites("dealer", "US", "vanguardmotorsales.com rkmotors.com fantasyjunction.com"),
  ...sites("dealer", "US", "classicautomall.com gullwingmotorcars.com beverlyhillscarclub.com"),
  ...sites("dealer", "US", "autonation.com sonicautomotive.com lithia.com hendrickcars.com"),
  ...sites("dealer", "GB", "classicandsportscar.ltd.uk"),
  ...sites("dealer", "NL", "gallery-aaldering.com classicpark.nl"),
];
