// Restate's server with its defaults: its log is synced to the disk. The handler runs in this process.
import * as restate from "@restatedev/restate-sdk";
import { measure, step } from "./measure.mjs";

// Its SDK asks for Node 22; Debian's is older and lacks this one function.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
};

const [ingress, admin, port] = process.argv.slice(2);
const service = restate.service({
  name: "bench",
  handlers: {
    three: async (ctx) => {
      for (let i = 0; i < 3; i++) await step(() => ctx.run("npm test", () => "12 tests passed"));
      return "ok";
    },
  },
});
await restate.serve({ services: [service], port: Number(port) });

const post = async (url, body, headers) => {
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.text();
};
await post(`${admin}/deployments`, JSON.stringify({ uri: `http://127.0.0.1:${port}` }));
await measure((id) => post(`${ingress}/bench/three`, "null", { "idempotency-key": id }), { serial: 200, parallel: 64, each: 20 });
process.exit(0);
