// DBOS on PostgreSQL with its defaults: synchronous_commit and fsync are on.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { measure, step } from "./measure.mjs";

DBOS.setConfig({ name: "bench", systemDatabaseUrl: process.argv[2], runAdminServer: false, logLevel: "error" });
const three = DBOS.registerWorkflow(
  async () => {
    for (let i = 0; i < 3; i++) await step(() => DBOS.runStep(async () => "12 tests passed", { name: "npm test" }));
  },
  { name: "three" },
);
await DBOS.launch();
await measure((id) => DBOS.withNextWorkflowID(id, () => three()), { serial: 200, parallel: 64, each: 20 });
await DBOS.shutdown();
process.exit(0);
