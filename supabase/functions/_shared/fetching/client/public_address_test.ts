import assert from "node:assert/strict";
import fc from "fast-check";
import { isPublicAddress } from "./public_address.ts";

const INNER: Record<string, string[]> = {
  "this network": ["0.0.0.0", "0.1.2.3", "::"],
  loopback: ["127.0.0.1", "127.255.255.254", "::1"],
  private: ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
  "link-local, cloud metadata": ["169.254.169.254", "169.254.0.1", "fe80::1", "febf::1"],
  "shared (CGNAT)": ["100.64.0.1", "100.127.255.255"],
  "unique local": ["fc00::1", "fd00:ec2::254"],
  "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"],
  benchmarking: ["198.18.0.1", "198.19.255.255"],
  multicast: ["224.0.0.1", "239.255.255.255", "ff02::1"],
  "reserved and broadcast": ["240.0.0.1", "255.255.255.255"],
  "IETF protocol assignments": ["192.0.0.1"],
  "IPv4-mapped": ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:a9fe:a9fe"],
  "IPv4-compatible": ["::127.0.0.1"],
  NAT64: ["64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1"],
  "6to4 and Teredo": ["2002:7f00:1::", "2001:0:53aa:64c::1"],
  "discard and unassigned": ["100::1", "4000::1", "fec0::1"],
  "no address": ["", "example.com", "1.2.3.4.5", "fe80::1%eth0", "::ffff:999.1.1.1"],
};

for (const [kind, addresses] of Object.entries(INNER)) {
  for (const address of addresses) {
    Deno.test(`'${address}' is not public: ${kind}`, () => {
      assert.equal(isPublicAddress(address), false);
    });
  }
}

for (const address of ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450::1"]) {
  Deno.test(`${address} is public`, () => assert.equal(isPublicAddress(address), true));
}

Deno.test("no address of a private IPv4 block is public, written as IPv4 or mapped into IPv6", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const inner = fc.oneof(
    fc.tuple(fc.constantFrom(0, 10, 127), byte, byte, byte),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
    fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
    fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
    fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
    fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
  );
  fc.assert(fc.property(inner, (bytes) => {
    const dotted = bytes.join(".");
    assert.equal(isPublicAddress(dotted), false);
    for (const prefix of ["::ffff:", "::", "64:ff9b::"]) {
      assert.equal(isPublicAddress(prefix + dotted), false);
    }
  }));
});

Deno.test("every public IPv4 address hidden in IPv6 is refused as well", () => {
  fc.assert(fc.property(fc.ipV4(), (address) => {
    assert.equal(isPublicAddress(`::ffff:${address}`), false);
    assert.equal(isPublicAddress(`64:ff9b::${address}`), false);
  }));
});

Deno.test("of IPv6, only 2000::/3 can be public", () => {
  fc.assert(fc.property(fc.ipV6(), (address) => {
    const first = parseInt(address.split(":")[0] || "0", 16);
    if (isPublicAddress(address)) assert.equal(first >> 13, 1);
  }));
});
