/** A model that the site offers. `chassis` is a pattern of `chassisNumber` in vin.ts. */
export interface Model {
  make: string;
  model: string;
  /** What Bring a Trailer calls the model group: "Porsche 911 3.2". */
  group: string;
  origin: string;
  years: readonly [number, number];
  body: string;
  engine: string;
  gearbox: string;
  drive: "Rear-Wheel Drive" | "Front-Wheel Drive" | "All-Wheel Drive" | "Four-Wheel Drive";
  chassis: string;
  /** Typical price in US dollars. */
  price: number;
}

const RWD = "Rear-Wheel Drive" as const;
const FWD = "Front-Wheel Drive" as const;
const AWD = "All-Wheel Drive" as const;
const FOUR = "Four-Wheel Drive" as const;

type Row = [
  make: string,
  model: string,
  group: string,
  origin: string,
  from: number,
  to: number,
  body: string,
  engine: string,
  gearbox: string,
  drive: Model["drive"],
  chassis: string,
  price: number,
];

// deno-fmt-ignore
const ROWS: Row[] = [
  ["Porsche", "911 Carrera", "911 3.2", "German", 1984, 1989, "Coupe", "3.2-Liter Flat-Six", "Five-Speed Manual Transaxle", RWD, "WP0AB091*~S1#####", 68000],
  ["BMW", "M3", "E30 M3", "German", 1988, 1991, "Coupe", "2.3-Liter S14 Inline-Four", "Five-Speed Manual Transmission", RWD, "WBSAK030*~AE#####", 72000],
  ["Mazda", "MX-5 Miata", "Miata NA", "Japanese", 1990, 1997, "Convertible", "1.8-Liter Inline-Four", "Five-Speed Manual Transmission", RWD, "JM1NA351*~0######", 11000],
  ["Acura", "Integra Type R", "Integra Type R", "Japanese", 1997, 2001, "Hatchback", "1.8-Liter DOHC Inline-Four", "Five-Speed Manual Transaxle", FWD, "JH4DC231*~S######", 45000],
  ["Toyota", "Supra Turbo", "Supra Mk IV", "Japanese", 1993, 1998, "Coupe", "Twin-Turbocharged 3.0-Liter Inline-Six", "Six-Speed Manual Transmission", RWD, "JT2JA82J*~00#####", 92000],
  ["Chevrolet", "Corvette", "Corvette C4", "American", 1985, 1996, "Coupe", "5.7-Liter V8", "Four-Speed Automatic Transmission", RWD, "1G1YY078*~51#####", 15000],
  ["Ford", "Bronco XLT", "Bronco 4th Generation", "American", 1987, 1996, "SUV", "5.8-Liter V8", "Four-Speed Automatic Transmission", FOUR, "1FMEU15H*~LA#####", 24000],
  ["Buick", "Regal Grand National", "Regal Grand National", "American", 1986, 1987, "Coupe", "Turbocharged 3.8-Liter V6", "Four-Speed Automatic Transmission", RWD, "1G4GJ117*~P4#####", 38000],
  ["Jeep", "Grand Wagoneer", "Wagoneer SJ", "American", 1987, 1991, "SUV", "5.9-Liter V8", "Three-Speed Automatic Transmission", FOUR, "1J4GS587*~P5#####", 32000],
  ["Mercedes-Benz", "560SL", "R107 SL", "German", 1986, 1989, "Convertible", "5.6-Liter V8", "Four-Speed Automatic Transmission", RWD, "WDBBA48D*~A######", 27000],
  ["Mercedes-Benz", "E320 Cabriolet", "W124 E-Class", "German", 1994, 1995, "Convertible", "3.2-Liter Inline-Six", "Four-Speed Automatic Transmission", RWD, "WDBEA66E*~C2#####", 19000],
  ["Aston Martin", "DB9", "DB9", "British", 2005, 2009, "Coupe", "5.9-Liter V12", "Six-Speed Automatic Transaxle", RWD, "SCFAD01A*~GA#####", 41000],
  ["Land Rover", "Defender 90", "Defender 90 NAS", "British", 1994, 1997, "SUV", "3.9-Liter V8", "Five-Speed Manual Transmission", FOUR, "SALDV228*~A9#####", 78000],
  ["Ferrari", "360 Spider", "360", "Italian", 2001, 2005, "Convertible", "3.6-Liter V8", "Six-Speed F1 Sequential Transaxle", RWD, "ZFFYT53A*~01#####", 74000],
  ["Alfa Romeo", "Spider Veloce", "Spider 105/115", "Italian", 1986, 1993, "Convertible", "2.0-Liter Inline-Four", "Five-Speed Manual Transmission", RWD, "ZARBA542*~10#####", 14000],
  ["Honda", "S2000", "S2000 AP1", "Japanese", 2000, 2003, "Convertible", "2.0-Liter DOHC VTEC Inline-Four", "Six-Speed Manual Transmission", RWD, "JHMAP114*~T0#####", 29000],
  ["Subaru", "Impreza WRX STI", "Impreza WRX STI", "Japanese", 2004, 2007, "Sedan", "Turbocharged 2.5-Liter Flat-Four", "Six-Speed Manual Transaxle", AWD, "JF1GD706*~5######", 26000],
  ["Volkswagen", "GTI", "GTI Mk V", "German", 2006, 2009, "Hatchback", "Turbocharged 2.0-Liter Inline-Four", "Six-Speed Manual Transaxle", FWD, "WVWEV71K*~W######", 13000],
  ["Lotus", "Elise", "Elise Series 2", "British", 2005, 2008, "Convertible", "1.8-Liter DOHC Inline-Four", "Six-Speed Manual Transaxle", RWD, "SCCPC111*~HL#####", 36000],
  ["Nissan", "300ZX Twin Turbo", "Z32 300ZX", "Japanese", 1990, 1996, "Coupe", "Twin-Turbocharged 3.0-Liter V6", "Five-Speed Manual Transmission", RWD, "JN1CZ24H*~X5#####", 28000],
  ["Volvo", "240 Wagon", "200 Series", "Swedish", 1986, 1993, "Wagon", "2.3-Liter Inline-Four", "Four-Speed Automatic Transmission", RWD, "YV1AX885*~1######", 12000],
  ["Saab", "900 Turbo", "900 Classic", "Swedish", 1986, 1990, "Hatchback", "Turbocharged 2.0-Liter Inline-Four", "Five-Speed Manual Transaxle", FWD, "YS3AT35L*~2######", 16000],
  ["Audi", "RS5", "RS5", "German", 2013, 2015, "Coupe", "4.2-Liter V8", "Seven-Speed Dual-Clutch Transaxle", AWD, "WUAC6AFR*~A9#####", 39000],
  ["Ford", "Mustang Shelby GT350", "Mustang S550 Shelby", "American", 2016, 2020, "Coupe", "5.2-Liter Voodoo V8", "Six-Speed Manual Transmission", RWD, "1FA6P8JZ*~55#####", 56000],
  ["Toyota", "Land Cruiser", "Land Cruiser 200", "Japanese", 2013, 2019, "SUV", "5.7-Liter V8", "Six-Speed Automatic Transmission", FOUR, "JTMHY7AJ*~40#####", 52000],
  ["Chevrolet", "Camaro ZL1", "Camaro Gen 5", "American", 2012, 2015, "Coupe", "Supercharged 6.2-Liter V8", "Six-Speed Manual Transmission", RWD, "2G1FJ1EP*~9######", 35000],
  ["Jaguar", "F-Type R", "F-Type", "British", 2015, 2018, "Coupe", "Supercharged 5.0-Liter V8", "Eight-Speed Automatic Transmission", AWD, "SAJWA6DL*~MK#####", 43000],
  ["Porsche", "356A Coupe", "356A", "German", 1956, 1959, "Coupe", "1.6-Liter Flat-Four", "Four-Speed Manual Transaxle", RWD, "1#####", 118000],
  ["Porsche", "911T", "911 Long Hood", "German", 1969, 1973, "Coupe", "2.2-Liter Flat-Six", "Five-Speed Manual Transaxle", RWD, "91131#####", 85000],
  ["BMW", "2002tii", "2002", "German", 1972, 1974, "Coupe", "2.0-Liter Inline-Four", "Four-Speed Manual Transmission", RWD, "27#####", 41000],
  ["Ford", "Mustang Fastback", "Mustang 1964.5-1966", "American", 1965, 1968, "Coupe", "289ci V8", "Four-Speed Manual Transmission", RWD, "%R02C1#####", 48000],
  ["Chevrolet", "Camaro Z/28", "Camaro Gen 1", "American", 1967, 1969, "Coupe", "302ci V8", "Four-Speed Manual Transmission", RWD, "12437%N5#####", 66000],
  ["Jaguar", "E-Type Roadster", "E-Type Series 1", "British", 1962, 1967, "Convertible", "4.2-Liter Inline-Six", "Four-Speed Manual Transmission", RWD, "1E#####", 128000],
  ["MG", "MGB GT", "MGB GT", "British", 1968, 1974, "Hatchback", "1.8-Liter Inline-Four", "Four-Speed Manual Transmission", RWD, "GHD5UA1#####G", 11000],
  ["Alfa Romeo", "Giulia Super", "Giulia 105", "Italian", 1966, 1972, "Sedan", "1.6-Liter Inline-Four", "Five-Speed Manual Transmission", RWD, "AR3#####", 33000],
  ["Mercedes-Benz", "280SL", "W113 SL", "German", 1968, 1971, "Convertible", "2.8-Liter Inline-Six", "Four-Speed Automatic Transmission", RWD, "113044100#####", 92000],
  ["Volkswagen", "Beetle", "Beetle", "German", 1965, 1979, "Sedan", "1.6-Liter Flat-Four", "Four-Speed Manual Transaxle", RWD, "11%2######", 12000],
  ["Austin-Healey", "3000 Mk III", "3000", "British", 1964, 1967, "Convertible", "2.9-Liter Inline-Six", "Four-Speed Manual Transmission", RWD, "HBJ8L#####", 58000],
  ["Datsun", "240Z", "240Z", "Japanese", 1970, 1973, "Coupe", "2.4-Liter Inline-Six", "Four-Speed Manual Transmission", RWD, "HLS30#####", 34000],
  ["Triumph", "TR6", "TR6", "British", 1969, 1976, "Convertible", "2.5-Liter Inline-Six", "Four-Speed Manual Transmission", RWD, "CF#####U", 17000],
];

export const MODELS: readonly Model[] = ROWS.map((
  [make, model, group, origin, from, to, body, engine, gearbox, drive, chassis, price],
) => ({
  make,
  model,
  group: `${make} ${group}`,
  origin,
  years: [from, to],
  body,
  engine,
  gearbox,
  drive,
  chassis,
  price,
}));
