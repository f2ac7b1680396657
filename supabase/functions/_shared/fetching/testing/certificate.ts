/** A certificate for a played site, made when it is needed, so that no private key lies in the repository. */
import { Buffer } from "node:buffer";
import { generateKeyPairSync, sign } from "node:crypto";

export interface Certificate {
  /** PEM. The certificate is signed by itself: whoever trusts it, trusts the site. */
  cert: string;
  /** PEM, PKCS #8. */
  key: string;
}

/** One value of ASN.1 in DER (ITU-T X.690): tag, length, content. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 128
    ? [length]
    : length < 256
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const [ECDSA_WITH_SHA256, COMMON_NAME, SUBJECT_ALT_NAME] = [
  hex("06 08 2a8648ce3d040302"),
  hex("06 03 550403"),
  hex("06 03 551d11"),
];

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").replace(/.{64}/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** A certificate for these names (RFC 5280), valid until 2049. */
export function certificateFor(...names: string[]): Certificate {
  const pair = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const algorithm = sequence(ECDSA_WITH_SHA256);
  const name = sequence(
    der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from("a played site")))),
  );
  const validity = sequence(
    der(0x17, Buffer.from("250101000000Z")),
    der(0x17, Buffer.from("491231235959Z")),
  );
  const altNames = sequence(...names.map((one) => der(0x82, Buffer.from(one))));
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.from([1])), // serial number
    algorithm,
    name,
    validity,
    name,
    Buffer.from(pair.publicKey),
    der(0xa3, sequence(sequence(SUBJECT_ALT_NAME, der(0x04, altNames)))),
  );
  const signature = sign("sha256", toSign, pair.privateKey);
  const whole = sequence(toSign, algorithm, der(0x03, Buffer.from([0]), signature));
  return { cert: pem("CERTIFICATE", whole), key: pair.privateKey };
}
