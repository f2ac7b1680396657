import assert from "node:assert/strict";
import fc from "fast-check";
import { charsetOf, decodeText, mediaType } from "./charset.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const bytes = (...all: number[]) => new Uint8Array(all);

Deno.test("without any word on it, a page is UTF-8", () => {
  assert.equal(decodeText(utf8("Citroën – 40 €"), "text/html"), "Citroën – 40 €");
});

Deno.test("the charset of Content-Type is obeyed", () => {
  assert.equal(decodeText(bytes(0x43, 0xeb), 'text/html; Charset="ISO-8859-1"'), "Cë");
  assert.equal(decodeText(bytes(0x93, 0xfa, 0x96, 0x7b), "text/html;charset=Shift_JIS"), "日本");
});

Deno.test("the charset of a meta is obeyed when Content-Type names none", () => {
  const head = utf8(
    '<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
  );
  assert.ok(decodeText(new Uint8Array([...head, 0xcf]), "text/html").endsWith("П"));
});

Deno.test("Content-Type is believed rather than meta, a byte-order mark rather than both", () => {
  const page = utf8('<meta charset="windows-1251">é');
  assert.ok(decodeText(page, "text/html; charset=utf-8").endsWith("é"));
  assert.equal(decodeText(bytes(0xef, 0xbb, 0xbf, 0xc3, 0xa9), "text/html; charset=latin1"), "é");
  assert.equal(decodeText(bytes(0xff, 0xfe, 0x41, 0x00), "text/html; charset=latin1"), "A");
});

Deno.test("a charset that nobody knows is passed over", () => {
  assert.equal(decodeText(utf8("é"), "text/html; charset=klingon"), "é");
  assert.equal(decodeText(utf8("é"), "text/html; charset=iso-2022-kr"), "é");
});

Deno.test("UTF-8 that is claimed and not true is read as Windows-1252", () => {
  assert.equal(
    decodeText(bytes(0x43, 0x69, 0x74, 0x72, 0x6f, 0xeb, 0x6e), "text/html; charset=utf-8"),
    "Citroën",
  );
});

Deno.test("one broken byte does not turn a UTF-8 page into another charset", () => {
  const page = new Uint8Array([...utf8("Citroën "), 0xff]);
  assert.equal(decodeText(page, "text/html; charset=utf-8"), "Citroën \ufffd");
});

Deno.test("whatever the bytes and the header, decoding gives text", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (body, header) => {
    assert.equal(typeof decodeText(body, header), "string");
  }));
});

Deno.test("what was encoded as UTF-8 is read back", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    assert.equal(decodeText(utf8(`x${text}`), "text/html;charset=utf-8"), `x${text}`);
  }));
});

Deno.test("media type and charset are read off a Content-Type", () => {
  assert.equal(mediaType("Text/HTML; charset=utf-8"), "text/html");
  assert.equal(mediaType(""), "");
  assert.equal(charsetOf("text/html; boundary=x; charset = 'utf-8'"), "utf-8");
  assert.equal(charsetOf("text/html"), null);
});
