import { Router } from "express";
import { v5 as uuidV5 } from "uuid";
import { queryOf } from "./address.js";
import { sendJson } from "./respond.js";
import { SESSION_EXECUTOR_ROLE, type TokenAuthority } from "./token-authority.js";

/** Audience of the data plane (api-reference 2). */
export const DATA_PLANE_RESOURCE = "https://dynamicsessions.io";

/** Clients exist that fetch one token and never another (clients 4.3): a day, as managed identities get. */
const LIFETIME_SECONDS = 24 * 3600;
/** Namespace of the GUIDs in tokens. */
const NAMESPACE = "3b0d0d5e-8f7c-5e0b-8f57-6d0c2b7a9e41";
const TENANT = "00000000-0000-0000-0000-000000000000";

/** A token as the managed identity endpoint of App Service gives it (api-version 2019-08-01). */
export interface TokenAnswer {
  access_token: string;
  /** Seconds since the epoch, as text. */
  expires_on: string;
  resource: string;
  token_type: "Bearer";
}

/**
 * Makes a token for an audience, with the form and the claims of one of Entra's, signed by the emulator.
 * @param now milliseconds since the epoch
 */
export async function issueToken(
  authority: TokenAuthority,
  resource: string,
  now: number,
): Promise<TokenAnswer> {
  const caller = uuidV5("emulator", NAMESPACE);
  const claims = {
    aud: resource,
    iss: `https://sts.windows.net/${TENANT}/`,
    appid: caller,
    idtyp: "app",
    oid: caller,
    roles: [SESSION_EXECUTOR_ROLE],
    sub: caller,
    tid: TENANT,
    ver: "1.0",
  };
  return {
    access_token: await authority.issue(claims, LIFETIME_SECONDS),
    expires_on: String(Math.floor(now / 1000) + LIFETIME_SECONDS),
    resource,
    token_type: "Bearer",
  };
}

/**
 * Tokens of the emulator's own, so that clients which insist on one run unmodified and offline: `GET /token?resource=…` for
 * scripts, and `GET /msi/token?api-version=2019-08-01&resource=…` in the protocol of App Service's managed
 * identities (clients 4.3), which `DefaultAzureCredential` speaks when `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` are set.
 *
 * @param now the emulator's time, in milliseconds since the epoch
 */
export function tokenRouter(authority: TokenAuthority, now: () => number): Router {
  const router = Router();
  router.get(["/token", "/msi/token"], async (req, res) => {
    const query = queryOf(req.url);
    const resource = resourceOf(query.get("resource") ?? query.get("scope") ?? DATA_PLANE_RESOURCE);
    if (resource === "") {
      const message = `'resource' must not be empty: leave it out for ${DATA_PLANE_RESOURCE}, or name the audience of the token`;
      sendJson(res, 400, { error: { code: "InvalidTokenRequest", message } });
      return;
    }
    sendJson(res, 200, await issueToken(authority, resource, now()));
  });
  return router;
}

/** The audience of a scope: clients ask for `https://dynamicsessions.io/.default` as often. */
function resourceOf(text: string): string {
  return text.replace(/\/\.default$/, "");
}
