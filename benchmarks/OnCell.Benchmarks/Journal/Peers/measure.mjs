// The same measurement for every peer: three-step runs one after another, then 64 at a time.
export const stepTimes = [];

export async function step(body) {
  const began = performance.now();
  const value = await body();
  stepTimes.push(performance.now() - began);
  return value;
}

const percentile = (values, part) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
};

export async function measure(run, { serial, parallel, each }) {
  for (let i = 0; i < 30; i++) await run(`warm-${i}`);
  const times = [];
  for (let i = 0; i < serial; i++) {
    const began = performance.now();
    await run(`serial-${i}`);
    times.push(performance.now() - began);
  }

  stepTimes.length = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: parallel }, async (_, worker) => {
      for (let i = 0; i < each; i++) await run(`parallel-${worker}-${i}`);
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  console.log(
    JSON.stringify({
      runMs: percentile(times, 0.5),
      stepsPerSecond: (parallel * each * 3) / seconds,
      stepP50Ms: percentile(stepTimes, 0.5),
      stepP99Ms: percentile(stepTimes, 0.99),
    }),
  );
}
