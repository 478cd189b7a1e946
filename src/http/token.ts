import { Router } from "express";
import { v5 as uuidV5 } from "uuid";
import { queryOf } from "./address.js";
import { sendJson } from "./respond.js";

/** Audience of the data plane (api-reference 2). */
export const DATA_PLANE_RESOURCE = "https://dynamicsessions.io";
/** The role that a caller of the data plane needs (api-reference 2). */
export const SESSION_EXECUTOR_ROLE = "Azure ContainerApps Session Executor";

/** Clients exist that fetch one token and never another (clients 4.3): a day, as managed identities get. */
const LIFETIME_SECONDS = 24 * 3600;
/** Namespace of the GUIDs in tokens. */
const NAMESPACE = "3b0d0d5e-8f7c-5e0b-8f57-6d0c2b7a9e41";
const TENANT = "00000000-0000-0000-0000-000000000000";

/** What a token says. */
export interface TokenRequest {
  /** Audience, e.g. `https://dynamicsessions.io`. */
  resource: string;
  /** Now, in milliseconds since the epoch. */
  now: number;
}

/** A token as the managed identity endpoint of App Service gives it (api-version 2019-08-01). */
export interface TokenAnswer {
  access_token: string;
  /** Seconds since the epoch, as text. */
  expires_on: string;
  resource: string;
  token_type: "Bearer";
}

/**
 * Makes a token: the one place where tokens come from. It has the form and the claims of one of Entra's, and
 * its last part says that it is not signed; a promise, since signing will be asynchronous.
 */
export async function issueToken({ resource, now }: TokenRequest): Promise<TokenAnswer> {
  const issuedAt = Math.floor(now / 1000);
  const expiresAt = issuedAt + LIFETIME_SECONDS;
  const caller = uuidV5("emulator", NAMESPACE);
  const claims = {
    aud: resource,
    iss: `https://sts.windows.net/${TENANT}/`,
    iat: issuedAt,
    nbf: issuedAt,
    exp: expiresAt,
    appid: caller,
    idtyp: "app",
    oid: caller,
    roles: [SESSION_EXECUTOR_ROLE],
    sub: caller,
    tid: TENANT,
    ver: "1.0",
  };
  const parts = [JSON.stringify({ typ: "JWT", alg: "none" }), JSON.stringify(claims), "not signed"];
  return {
    access_token: parts.map((part) => Buffer.from(part, "utf8").toString("base64url")).join("."),
    expires_on: String(expiresAt),
    resource,
    token_type: "Bearer",
  };
}

/**
 * Fake tokens, so that clients which insist on one run unmodified and offline: `GET /token?resource=…` for
 * scripts, and `GET /msi/token?api-version=2019-08-01&resource=…` in the protocol of App Service's managed
 * identities (clients 4.3), which `DefaultAzureCredential` speaks when `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` are set.
 *
 * @param now the emulator's time, in milliseconds since the epoch
 */
export function tokenRouter(now: () => number): Router {
  const router = Router();
  router.get(["/token", "/msi/token"], async (req, res) => {
    const query = queryOf(req.url);
    const resource = resourceOf(query.get("resource") ?? query.get("scope") ?? DATA_PLANE_RESOURCE);
    if (resource === "") {
      const message = `'resource' must not be empty: leave it out for ${DATA_PLANE_RESOURCE}, or name the audience of the token`;
      sendJson(res, 400, { error: { code: "InvalidTokenRequest", message } });
      return;
    }
    sendJson(res, 200, await issueToken({ resource, now: now() }));
  });
  return router;
}

/** The audience of a scope: clients ask for `https://dynamicsessions.io/.default` as often. */
function resourceOf(text: string): string {
  return text.replace(/\/\.default$/, "");
}
