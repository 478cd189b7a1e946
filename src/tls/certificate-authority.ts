import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import os from "node:os";
import { createSecureContext, type SecureContext } from "node:tls";
import { issueCertificate } from "./certificate.js";

const AUTHORITY = "Dynamic Sessions emulator (this machine only)";
const DAY_MS = 24 * 3600 * 1000;
/** The longest life that browsers and Apple's TLS accept of a server's certificate. */
const SERVER_DAYS = 397;
const AUTHORITY_DAYS = 3650;
/** Clocks of containers and virtual machines may lag behind. */
const BACKDATED_MS = DAY_MS;
/** Names that get a certificate of their own; each costs a signature and some memory. */
const MOST_CONTEXTS = 200;
/** Every name that the emulator goes by; clients take no wildcard for `*.localhost`, so those are added one by one. */
const NAMES = ["localhost", "127.0.0.1", "::1", "*.dynamicsessions.io", "*.azurecontainerapps.io"];

/** What must survive a restart for clients to go on trusting the emulator. */
export interface KeptAuthority {
  /** PKCS #8, PEM. */
  key: string;
  certificate: string;
}

/** Makes an authority for one emulator. */
export function newAuthority(): KeptAuthority {
  const { publicKey, privateKey } = newKeys();
  const certificate = issueCertificate({
    subject: AUTHORITY,
    publicKey,
    issuer: { name: AUTHORITY, publicKey, privateKey },
    ...lifetime(AUTHORITY_DAYS),
  });
  return { key: String(privateKey.export({ type: "pkcs8", format: "pem" })), certificate };
}

/** Answers TLS for every name of the emulator with certificates that one authority has signed. */
export class CertificateAuthority {
  private readonly issuer: { name: string; publicKey: KeyObject; privateKey: KeyObject };
  private readonly contexts = new Map<string, SecureContext>();
  private readonly keys = newKeys();

  constructor(private readonly kept: KeptAuthority) {
    const privateKey = createPrivateKey(kept.key);
    this.issuer = { name: AUTHORITY, publicKey: createPublicKey(privateKey), privateKey };
  }

  /** The certificate to trust, PEM. */
  get certificate(): string {
    return this.kept.certificate;
  }

  /** Key and certificate, both PEM, of a server that goes by the emulator's names and `name`. */
  serverFor(name?: string): { key: string; cert: string } {
    const names = new Set([...NAMES, os.hostname().toLowerCase(), ...(name ? [name] : [])]);
    const certificate = issueCertificate({
      subject: name ?? "localhost",
      publicKey: this.keys.publicKey,
      issuer: this.issuer,
      names: [...names].filter((each) => /^[\w.:*-]+$/.test(each)),
      ...lifetime(SERVER_DAYS),
    });
    const key = String(this.keys.privateKey.export({ type: "pkcs8", format: "pem" }));
    return { key, cert: `${certificate}${this.certificate}` };
  }

  /** The context for a name that a client asks for (SNI). */
  contextFor(name: string): SecureContext {
    const asked = name.toLowerCase();
    const known = this.contexts.get(asked);
    if (known) return known;
    const context = createSecureContext(this.serverFor(asked));
    if (this.contexts.size < MOST_CONTEXTS) this.contexts.set(asked, context);
    return context;
  }
}

function newKeys() {
  return generateKeyPairSync("ec", { namedCurve: "prime256v1" });
}

/** Certificates are read by the machine's clock, not by the emulator's. */
function lifetime(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(now + days * DAY_MS) };
}
