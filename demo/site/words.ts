/** Paints with the colour that the generated photographs show, as red, green, blue from 0 to 255. */
export const PAINTS: readonly { name: string; rgb: readonly [number, number, number] }[] = [
  { name: "Guards Red", rgb: [190, 24, 28] },
  { name: "Alpine White", rgb: [236, 238, 240] },
  { name: "Arctic Silver Metallic", rgb: [176, 182, 188] },
  { name: "British Racing Green", rgb: [18, 70, 44] },
  { name: "Giallo Modena", rgb: [244, 202, 22] },
  { name: "Midnight Blue Metallic", rgb: [22, 38, 92] },
  { name: "Black", rgb: [26, 26, 28] },
  { name: "Sahara Beige", rgb: [206, 184, 140] },
  { name: "Tangerine", rgb: [234, 112, 24] },
  { name: "Sky Blue", rgb: [124, 176, 214] },
  { name: "Burgundy", rgb: [104, 18, 36] },
  { name: "Graphite Gray", rgb: [84, 88, 94] },
];

export const UPHOLSTERY = [
  "Black Leather",
  "Tan Leather",
  "Gray Cloth",
  "Red Vinyl",
  "Biscuit Leather",
  "Navy Cloth",
  "Cognac Leather",
] as const;

/** Equipment without colours, engines or gearboxes: it must not look like another fact. */
export const EQUIPMENT = [
  "Limited-Slip Differential",
  "Power Windows",
  "Air Conditioning",
  "Cruise Control",
  "Heated Front Seats",
  "Four-Wheel Disc Brakes",
  "Alloy Wheels",
  "Aftermarket Stereo",
  "Service Records",
  "Spare Wheel",
  "Owner's Manual",
  "Clean Carfax Report",
  "Tool Kit",
  "Tinted Glass",
] as const;

export const TOWNS = [
  "Boise, Idaho 83702",
  "Savannah, Georgia 31401",
  "Duluth, Minnesota 55802",
  "Santa Fe, New Mexico 87501",
  "Burlington, Vermont 05401",
  "Tacoma, Washington 98402",
  "Lancaster, Pennsylvania 17603",
  "Ann Arbor, Michigan 48104",
  "Asheville, North Carolina 28801",
  "Reno, Nevada 89501",
  "Lincoln, Nebraska 68508",
  "San Luis Obispo, California 93401",
] as const;

export const MEMBERS = [
  "valvetrain",
  "Camber_Gain",
  "driveway_diary",
  "OldTimerTom",
  "heeltoe88",
  "northloop",
  "RustFreeRita",
  "gasket_case",
  "SundayMiles",
  "torque_wrench",
  "PaperTag",
  "double_clutch",
  "backroads71",
  "LateApexLena",
] as const;

export const REMARKS = [
  "Lovely colour combination, and the seller has answered every question so far.",
  "Would you post a photograph of the underside around the jacking points?",
  "I had one of these for eleven years and never should have let it go.",
  "Great photographs. Does the heater work as it should?",
  "Thanks to the seller for the cold-start video.",
  "The panel gaps look right to me, good luck with the auction.",
  "Has the timing belt been done? I do not see it in the records.",
  "My neighbour drove one to work every day, rain or shine.",
  "These are getting hard to find in this condition.",
  "What is the date code on the tires?",
  "Spark plugs are an easy job on this one, ask me how I know.",
  "Bought the wrong one last year, so I am watching this with interest.",
  "Could you confirm that both keys come with the car?",
  "That dashboard looks better than mine did when it was new.",
] as const;

/** Comments that name a price which is not this car's: no reader may take one for it. */
export const PRICE_REMARKS = [
  "A worse one than this sold for $99,000 in the spring, so bid with confidence.",
  "I was told that it was sold for $99,000 after the auction, congratulations!",
  "Reserve must be around $75,500, no way it goes for less.",
] as const;
