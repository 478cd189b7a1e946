import { describe, expect, it } from "vitest";
import { aliasOf, containersOf, newFolder, newPool, onePool, type Run, start } from "./support/process.js";

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}

describe("an emulator that is started again", () => {
  async function end(run: Run, signal: NodeJS.Signals): Promise<void> {
    run.process.kill(signal);
    await run.exited;
  }

  it("goes on with the sessions that it was told to keep", async () => {
    const pool = newPool();
    const options = ["--keep-containers", "--state-dir", await newFolder()];
    const first = await start(options, onePool(pool));
    const before = await aliasOf(first, pool);
    for (const visit of ["1", "2"]) expect(await text(`${before}/visits?identifier=user-1`)).toBe(visit);
    const told = await (await fetch(before.replace(`/pools/${pool}`, "/_emulator/sessions"))).json();
    await end(first, "SIGTERM");
    expect(await containersOf(pool)).toBe(2);

    const second = await start([...options.slice(1)], onePool(pool));
    const after = await aliasOf(second, pool);
    const adopted = await (await fetch(after.replace(`/pools/${pool}`, "/_emulator/sessions"))).json();
    const expiry = (body: unknown) =>
      Date.parse((body as { value: { expiresAt: string }[] }).value[0]?.expiresAt ?? "");
    expect(Math.abs(expiry(adopted) - expiry(told))).toBeLessThan(2_000);
    expect(await text(`${after}/visits?identifier=user-1`)).toBe("3");
    await end(second, "SIGTERM");
    expect(await containersOf(pool)).toBe(0);
  });

  it("goes on after kill -9 as well", async () => {
    const pool = newPool();
    const options = ["--state-dir", await newFolder()];
    const first = await start(options, onePool(pool));
    const alias = await aliasOf(first, pool);
    expect(await text(`${alias}/visits?identifier=user-1`)).toBe("1");
    await end(first, "SIGKILL");
    const second = await start(options, onePool(pool));
    expect(await text(`${await aliasOf(second, pool)}/visits?identifier=user-1`)).toBe("2");
    await end(second, "SIGTERM");
    expect(await containersOf(pool)).toBe(0);
  });

  it("does not adopt a session of a pool that has changed", async () => {
    const pool = newPool();
    const options = ["--keep-containers", "--state-dir", await newFolder()];
    const first = await start(options, onePool(pool));
    expect(await text(`${await aliasOf(first, pool)}/visits?identifier=user-1`)).toBe("1");
    await end(first, "SIGTERM");
    const second = await start(options.slice(1), onePool(pool, ", env: { NEW: value }"));
    expect(await text(`${await aliasOf(second, pool)}/visits?identifier=user-1`)).toBe("1");
    await end(second, "SIGTERM");
    expect(await containersOf(pool)).toBe(0);
  });
});
