import assert from "node:assert/strict";
import { parseTitle } from "./title.ts";

type Expected = [year: number | null, make: string | null, model: string | null];
const TITLES: Record<string, Expected> = {
  "1959 Porsche 356A Convertible D": [1959, "Porsche", "356A Convertible D"],
  "2009 Porsche Cayman 6-Speed": [2009, "Porsche", "Cayman"],
  "31-Years-Owned 1988 BMW M5": [1988, "BMW", "M5"],
  "36k-Mile 2001 Ferrari 360 Spider": [2001, "Ferrari", "360 Spider"],
  "No Reserve: 1,100-Mile 2020 BMW M2 CS 6-Speed": [2020, "BMW", "M2 CS"],
  "2000-Mile 2015 Aston Martin Vantage GT": [2015, "Aston Martin", "Vantage GT"],
  "M42-Powered 1970 BMW 2002 5-Speed": [1970, "BMW", "2002"],
  "1973 BMW 2002tii": [1973, "BMW", "2002tii"],
  "1964½ Ford Mustang": [1964, "Ford", "Mustang"],
  "1974 International Harvester Scout II 4×4": [1974, "International Harvester", "Scout II 4x4"],
  "1985 Mercedes-Benz 500SEC": [1985, "Mercedes-Benz", "500SEC"],
  "2008 vw jetta se": [2008, "Volkswagen", "jetta se"],
  "1969 Chevrolet Camaro Z/28 4-Speed w/Cross-Ram": [1969, "Chevrolet", "Camaro Z/28"],
  "Nissan 1.4L–Powered 1959 Morris Minor Traveller 5-Speed": [1959, "Morris", "Minor Traveller"],
  "350-Powered Ford T-Bucket": [null, "Ford", "T-Bucket"],
  "Used 2018 Honda Odyssey EX-L": [2018, "Honda", "Odyssey EX-L"],
  "1995 Range Rover County LWB": [1995, "Land Rover", "Range Rover County LWB"],
  "Modified Range Rover Classic": [null, "Land Rover", "Range Rover Classic"],
  "2004 Mazdaspeed Miata": [2004, "Mazda", "Mazdaspeed Miata"],
  "2007 Mazdaspeed3 Grand Touring": [2007, "Mazda", "Mazdaspeed3 Grand Touring"],
  "1991 Eunos Roadster V-Special 5-Speed": [1991, "Eunos", "Roadster V-Special"],
  "2016 Zenos E10 S": [2016, "Zenos", "E10 S"],
  "1987 Avanti II": [1987, "Avanti", "Avanti II"],
  "1963 Avanti R2 4-Speed": [1963, "Studebaker", "Avanti R2"],
  "2021 Mercedes-AMG GT Black Series": [2021, "Mercedes-Benz", "GT Black Series"],
  "2003 Honda S2000 6-Speed Track Car": [2003, "Honda", "S2000"],
  "2001 BMW M3 Coupe 6-Speed NASA GTS4 Race Car": [2001, "BMW", "M3 Coupe"],
  "1993 Toyota Pickup Deluxe 5-Speed 4×4": [1993, "Toyota", "Pickup Deluxe"],
  "1989 Honda Prelude Si 5-Speed for Relief Nursery": [1989, "Honda", "Prelude Si"],
  "VTEC-Powered Mini 5-Speed": [null, "Mini", null],
  "1956 Continental Mark II Project": [1956, "Continental", "Mark II"],
  "14″ 10-Spoke Wheels for 1966-1968 Mustangs": [null, null, null],
  "1950s Pedal Car": [null, null, null],
  "A smart choice of car": [null, null, null],
  "": [null, null, null],
};
for (const [title, [year, make, model]] of Object.entries(TITLES)) {
  Deno.test(`parseTitle reads "${title}"`, () => {
    const read = parseTitle(title);
    assert.deepEqual([read.year, read.make, read.model], [year, make, model]);
  });
}

Deno.test("parseTitle says when it does not know the maker", () => {
  assert.equal(parseTitle("1956 Continental Mark II").makeKnown, false);
  assert.equal(parseTitle("1956 Lincoln Continental").makeKnown, true);
});

Deno.test("parseTitle keeps what stands before the year and what it cut off", () => {
  const { before, after } = parseTitle("No Reserve: 36k-Mile 2001 Porsche 911 Carrera 4 6-Speed");
  assert.deepEqual([before, after], ["No Reserve: 36k-Mile", "6-Speed"]);
});
