import { describe, expect, it } from "vitest";
import { emulatorForTests, webPool } from "../docker/support/emulator.js";

const emulator = emulatorForTests({ pools: [webPool("spcustomcontainer000004")] });
const POOL = "spcustomcontainer000004";
const IDENTIFIER = "testidentifier000005";

function call(method: string, path: string, query = ""): Promise<Response> {
  return fetch(`${emulator.url}/pools/${POOL}${path}?identifier=${IDENTIFIER}${query}`, { method });
}

// The exchanges build on each other.
describe("recordings B, custom container pools", () => {
  const version = "&api-version=2025-02-02-preview";

  it("B4: a forwarded request allocates the session and comes back as it is", async () => {
    const answer = await call("GET", "/health");
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    expect(answer.headers.get("content-type")).toBeNull();
  });

  it("E19, F1: getSession tells the session", async () => {
    const answer = await call("POST", "/.management/getSession", version);
    expect(answer.status).toBe(200);
    const session = await answer.json();
    expect(Object.keys(session as object).sort()).toEqual(
      ["createdAt", "etag", "expiresAt", "identifier", "lastAccessedAt"].sort(),
    );
    expect(session).toMatchObject({ identifier: IDENTIFIER });
  });

  it("F1: listSessions tells it as one of one", async () => {
    const answer = await call("POST", "/.management/listSessions", `${version}&skip=0`);
    const list = (await answer.json()) as { value: { identifier: string }[] };
    expect(list).toMatchObject({ count: 1, nextLink: null });
    expect(list.value.map(({ identifier }) => identifier)).toEqual([IDENTIFIER]);
  });

  it("B5: stopSession ends it", async () => {
    const answer = await call("POST", "/.management/stopSession", version);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(answer.headers.get("api-supported-versions")).toBe("2025-02-02-preview");
    expect(await answer.text()).toBe(`Session ${IDENTIFIER} in session pool ${POOL} stopped.`);
  });

  it("B6: stopSession again finds none", async () => {
    const answer = await call("POST", "/.management/stopSession", version);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await answer.text()).toBe("Failed to stop session, session not found.");
  });

  it("E19: getSession finds none", async () => {
    const answer = await call("POST", "/.management/getSession", version);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "SessionWithIdentifierNotFound" } });
  });

  it("E20: what is not there below .management is refused and not forwarded", async () => {
    const answer = await call("GET", "/.management/visits", version);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "SessionRequestNotSupported" } });
  });
});
