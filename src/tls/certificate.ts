import { createHash, type KeyObject, randomBytes, sign } from "node:crypto";
import net from "node:net";
import { bits, boolean, identifier, integer, octets, sequence, set, tagged, time, utf8 } from "./der.js";

/** Object identifiers of RFC 5280 and RFC 5758. */
const OID = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

const KEY_CERT_SIGN_AND_CRL_SIGN = bits(Buffer.from([0x06]), 1);
const DIGITAL_SIGNATURE = bits(Buffer.from([0x80]), 7);

/** What a certificate says. */
export interface CertificateOrder {
  subject: string;
  publicKey: KeyObject;
  issuer: { name: string; publicKey: KeyObject; privateKey: KeyObject };
  notBefore: Date;
  notAfter: Date;
  /** DNS names and IP addresses of a server; absent for a certificate that signs others. */
  names?: readonly string[];
}

/** Writes and signs an X.509 certificate (RFC 5280) with a P-256 key, as PEM. */
export function issueCertificate(order: CertificateOrder): string {
  const algorithm = sequence(identifier(OID.ecdsaWithSha256));
  const content = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
    algorithm,
    nameOf(order.issuer.name),
    sequence(time(order.notBefore), time(order.notAfter)),
    nameOf(order.subject),
    publicKeyInfo(order.publicKey),
    tagged(0xa3, sequence(...extensionsOf(order))),
  );
  const signature = sign("sha256", content, order.issuer.privateKey);
  const base64 = sequence(content, algorithm, bits(signature)).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
}

function extensionsOf({ names, publicKey, issuer }: CertificateOrder): Buffer[] {
  const keyIds = [
    extension(OID.subjectKeyId, false, octets(keyId(publicKey))),
    extension(OID.authorityKeyId, false, sequence(tagged(0x80, keyId(issuer.publicKey)))),
  ];
  if (names === undefined) {
    return [
      ...keyIds,
      extension(OID.basicConstraints, true, sequence(boolean(true))),
      extension(OID.keyUsage, true, KEY_CERT_SIGN_AND_CRL_SIGN),
    ];
  }
  return [
    ...keyIds,
    extension(OID.basicConstraints, true, sequence()),
    extension(OID.keyUsage, true, DIGITAL_SIGNATURE),
    extension(OID.extendedKeyUsage, false, sequence(identifier(OID.serverAuth))),
    extension(OID.subjectAltName, false, sequence(...names.map(alternativeName))),
  ];
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  return sequence(identifier(oid), ...(critical ? [boolean(true)] : []), octets(value));
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(identifier(OID.commonName), utf8(commonName))));
}

function alternativeName(name: string): Buffer {
  if (net.isIP(name) === 0) return tagged(0x82, Buffer.from(name, "ascii"));
  return tagged(0x87, Buffer.from(net.isIPv4(name) ? name.split(".").map(Number) : ipv6Bytes(name)));
}

/** The sixteen bytes of an address that may leave out one run of zeros. */
function ipv6Bytes(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const words = (text: string) =>
    text
      .split(":")
      .filter(Boolean)
      .map((word) => Number.parseInt(word, 16));
  const [before, after] = [words(head), words(tail ?? "")];
  const zeros = new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0);
  return [...before, ...zeros, ...after].flatMap((word) => [word >> 8, word & 0xff]);
}

function publicKeyInfo(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

function keyId(key: KeyObject): Buffer {
  return createHash("sha1").update(publicKeyInfo(key)).digest();
}
