import { errors, jwtVerify, SignJWT } from "jose";
import { ServiceError } from "../service/service-error.js";

/** Audiences of the data plane: today's, and the one that early clients ask for (api-reference 2). */
const AUDIENCES = ["https://dynamicsessions.io", "https://acasessions.io"].flatMap((each) => [
  each,
  `${each}/`,
]);
/** The role that a caller of the data plane needs (api-reference 2). */
export const SESSION_EXECUTOR_ROLE = "Azure ContainerApps Session Executor";
const ALGORITHM = "HS256";

/** Claims of a token besides its times. */
export interface TokenClaims {
  aud: string;
  roles: string[];
  [claim: string]: unknown;
}

/** Makes the emulator's tokens and, in strict mode, tells them from others. */
export class TokenAuthority {
  constructor(
    private readonly secret: Uint8Array,
    /** The emulator's time, in milliseconds since the epoch. */
    private readonly now: () => number,
  ) {}

  /** Signs a token. */
  issue(claims: TokenClaims, lifetimeSeconds: number): Promise<string> {
    const issuedAt = Math.floor(this.now() / 1000);
    return new SignJWT({ ...claims })
      .setProtectedHeader({ typ: "JWT", alg: ALGORITHM })
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt)
      .setExpirationTime(issuedAt + lifetimeSeconds)
      .sign(this.secret);
  }

  /**
   * Checks an `Authorization` header as Azure does: 401 for a token that is missing, of somebody else, expired or
   * for another audience, 403 for one without the role (api-reference 2).
   * @throws ServiceError `unauthorized`, `forbidden`
   */
  async check(authorization: string | undefined): Promise<void> {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) throw refused("no bearer token was sent");
    let roles: unknown;
    try {
      const options = { algorithms: [ALGORITHM], audience: AUDIENCES, currentDate: new Date(this.now()) };
      roles = (await jwtVerify(token, this.secret, options)).payload.roles;
    } catch (error) {
      throw refused(reasonOf(error));
    }
    if (!Array.isArray(roles) || !roles.includes(SESSION_EXECUTOR_ROLE)) {
      throw new ServiceError("forbidden", { reason: "the token lacks the role of the pool" });
    }
  }
}

function refused(reason: string): ServiceError {
  return new ServiceError("unauthorized", { reason });
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "aud") {
    return "the token is for another audience";
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token is not the emulator's own";
  return "the token cannot be used: GET /_emulator/token gives one that can";
}
