import assert from "node:assert/strict";
import fc from "fast-check";
import { bareSize, engineInText } from "./engine.ts";

const ENGINES: Readonly<Record<string, string | null>> = {
  "the 2.7L flat six DOHC SMPI w/225hp": "2.7L flat six DOHC",
  "WORK TRUCK\n5.4 TRITON V8\nAUTO TRANS": "5.4 TRITON V8",
  "has a V6 3.9 L with automatic transmission": "V6 3.9 L",
  "1987 F150 4x4, 5.0 engine, 4 spd": "5.0",
  "ready to ride and drive 4x4 s10 4.3L V6 ZR2 trim": "4.3L V6",
  "single axle, M11 Cummins engine, Eaton-Fuller 9 speed": "M11 Cummins",
  "Town Car with the 460 7.5l V8.": "460 7.5L V8",
  "It is a 4x4 with 3.6 engine.": "3.6",
  "22 passenger. 5.8 ford v8 engine runs good": "5.8 V8",
  "Has a Cummins inline 6 with 2 speed drive axle": "Cummins inline 6",
  "350 engine, automatic": "350",
  "283 with powerglide": "283",
  "the 283 runs great": "283",
  "It has a 454 and a 4 speed": "454",
  "has a 352ci": "352ci",
  "360 cu. in. V8, auto": "360 cu. in. V8",
  "the 427 cu. in. engine": "427 cu. in.",
  "390 CID": "390 CID",
  "302 cubic inch": "302 cubic inch",
  "2276cc motor": "2276cc",
  "1,835cc flat four": "1,835cc flat four",
  "4.6-Liter V8 Rebuilt in 2019": "4.6-Liter V8",
  "$350 obo, call 455 0100": null,
  "400 hp, 350 miles": null,
  "20ft box truck, 6D16 Diesel engine, Clean title": "6D16 Diesel",
  "6.0, 2wd, automatic": "6.0",
  "new 3.0 twin turbo inline six": "3.0 twin turbo inline six",
  "6.7 diesel engine truck. 3.5L V6 S 5dr": "6.7 diesel",
  "Originally 2.0 4 cylinder. Currently has ford 5.0L setup": "5.0L",
  "Trade for 6.0 4l80e or another truck": null,
  "2.5 inch lift kit, 33x12.50 tires, 1.5 years old": null,
  "LS9 head gasket, Ls7 Delphi lifters": null,
  "call 864-555-0100": null,
  "needs a motor": null,
};
for (const [text, engine] of Object.entries(ENGINES)) {
  Deno.test(`engine in "${text.replaceAll("\n", " / ")}"`, () => {
    assert.equal(engineInText(text)?.engine ?? null, engine);
  });
}

Deno.test("a bare size counts only right behind a model's name", () => {
  assert.equal(bareSize(["7.3"]), "7.3");
  assert.equal(bareSize(["5.3", "2wd"]), "5.3");
  assert.equal(bareSize(["lift", "kit", "with", "7.3"]), null);
  assert.equal(bareSize(["9.5"]), null);
  assert.equal(bareSize(["283"], 1964), "283");
  assert.equal(bareSize(["283"], 2004), null);
});

Deno.test("any text is read without an exception; what is read stands in it, word by word", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "5.7",
      "L",
      "V8",
      "engine",
      "flat",
      "six",
      "350",
      "turbo",
      "diesel",
      "ford",
      ",",
      "\n",
      ".",
    ),
    fc.string({ maxLength: 10 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      const text = words.join(" ");
      const engine = engineInText(text)?.engine ?? "";
      for (const part of engine.toLowerCase().split(" ")) {
        assert.ok(text.toLowerCase().includes(part));
      }
    }),
    { numRuns: 500, seed: 20261122 },
  );
});
