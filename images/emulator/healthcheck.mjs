// Asks the emulator whether it is well; exit code 0 when it says so.
const answer = await fetch(`http://127.0.0.1:${process.env.DSE_PORT}/_emulator/health`).catch(
  () => undefined,
);
process.exitCode = answer?.ok ? 0 : 1;
