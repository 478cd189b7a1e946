import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import express, { type Express } from "express";
import { isManagementPath } from "../service/management.js";
import { isMcpPath } from "../service/mcp.js";
import { ServiceError } from "../service/service-error.js";
import { type Address, addressOf, pathnameOf } from "./address.js";
import type { AppContext } from "./app-context.js";
import { serveBuiltIn } from "./built-in/serve.js";
import { controlRouter } from "./control.js";
import { forwardToSession, upgradeToSession } from "./custom.js";
import { type Exchange, exchangeOf } from "./exchange.js";
import { responseOnSocket } from "./forward/index.js";
import { isTrustedHost, isTrustedOrigin } from "./host-guard.js";
import { logRequest, openLine } from "./log.js";
import { serveManagement } from "./management.js";
import { serveMcp } from "./mcp/serve.js";
import type { RequestFacts } from "./request-facts.js";
import { sendError } from "./respond.js";
import type { ServedPool } from "./served-pool.js";

/** The emulator's request side: `handler` for requests, `upgrade` for WebSockets. */
export interface App {
  handler: Express;
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
}

const monotonic = () => performance.now();

/** Puts the routes together. Each request is understood once: guard, address, pool, then the pool's kind. */
export function createApp(context: AppContext): App {
  const handler = express();
  handler.disable("x-powered-by");
  handler.disable("etag");
  const control = controlRouter(context);

  handler.use(async (req, res, next) => {
    const facts = logRequest(context, req, res, monotonic);
    try {
      const address = admit(context, req);
      if (address.pool === undefined && /^\/_emulator(?:[/?]|$)/.test(address.path)) {
        req.url = address.path.slice("/_emulator".length) || "/";
        control(req, res, next);
        return;
      }
      const served = poolOf(context, address.pool);
      facts.pool = served.config.name;
      if (context.checkTokens) await context.authority.check(req.headers.authorization);
      await servePool(exchangeOf({ context, served, req, res, facts }, address));
    } catch (error) {
      sendError(res, error, facts);
    }
  });

  const upgrade = async (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Only for the exchange's form: an agreed upgrade never writes to it, a refusal has one of its own.
    const res = new ServerResponse(req);
    const facts: RequestFacts = { upgrade: req.headers.upgrade };
    const line = openLine(context, req, monotonic);
    try {
      const address = admit(context, req);
      const served = poolOf(context, address.pool);
      facts.pool = served.config.name;
      if (context.checkTokens) await context.authority.check(req.headers.authorization);
      if (served.config.containerType !== "CustomContainer" || isManagementPath(pathnameOf(address.path))) {
        const path = pathnameOf(address.path).slice(0, 200);
        throw new ServiceError("unsupportedRequest", { method: `Upgrade: ${req.headers.upgrade}`, path });
      }
      await upgradeToSession(exchangeOf({ context, served, req, res, facts }, address), socket, head);
    } catch (error) {
      if (!socket.destroyed) sendError(responseOnSocket(req, socket as Socket), error, facts);
    }
    line.write(facts);
  };

  return {
    handler,
    upgrade: (req, socket, head) => {
      socket.on("error", () => socket.destroy());
      void upgrade(req, socket, head);
    },
  };
}

function admit(context: AppContext, req: IncomingMessage): Address {
  const { host, origin } = req.headers;
  if (!isTrustedHost(host, context.trustedHosts))
    throw new ServiceError("hostNotAllowed", { host: host ?? "" });
  if (!isTrustedOrigin(origin, context.trustedHosts)) {
    throw new ServiceError("hostNotAllowed", { host: String(origin) });
  }
  return addressOf(req.url ?? "/", host);
}

function poolOf(context: AppContext, name: string | undefined): ServedPool {
  const served = context.pools.get(name ?? "");
  if (!served) throw new ServiceError("poolNotFound", { pool: name?.slice(0, 100) ?? "(none in this URL)" });
  return served;
}

async function servePool(exchange: Exchange): Promise<void> {
  const { containerType, isMcpServerEnabled } = exchange.served.config;
  const { pathname } = exchange;
  if (isMcpServerEnabled && isMcpPath(pathname)) await serveMcp(exchange);
  else if (containerType !== "CustomContainer") await serveBuiltIn(exchange);
  else if (isManagementPath(pathname)) await serveManagement(exchange);
  else await forwardToSession(exchange);
}
