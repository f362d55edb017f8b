// The same as queue_bench, by BullMQ's own means: its bulk add, its worker, finished jobs removed. A line of JSON.
//
//   node bullmq_bench.mjs SOCKET KEYS WORKERS WAITING
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";

const [path, keys, workers, waiting] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const client = new Redis(path, { maxRetriesPerRequest: null });
const AT_ONCE = 1000;
const queue = new Queue("bench", { connection: client, defaultJobOptions: { removeOnComplete: true } });
await client.flushall();

const addAll = async (count, options) => {
  for (let from = 0; from < count; from += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - from);
    await queue.addBulk(Array.from({ length: size }, (_, at) => ({ name: "key", data: { key: from + at }, opts: options })));
  }
};
const memory = async () => Number(/used_memory:(\d+)/.exec(await client.info("memory"))[1]);

const told = {};
if (waiting > 0) {
  const before = await memory();
  await addAll(waiting, { delay: 3600_000 });
  told.bytes_per_waiting_key = ((await memory()) - before) / waiting;
}
const began = performance.now();
await addAll(keys);
const offered = performance.now() - began;
let handled = 0;
let finish;
const done = new Promise((resolve) => (finish = resolve));
const worker = new Worker("bench", async () => {}, { connection: client.duplicate(), concurrency: workers });
worker.on("completed", () => ++handled === keys && finish());
await done;
const all = performance.now() - began;
told.offered_per_second = (keys * 1000) / offered;
told.handled_per_second = (keys * 1000) / (all - offered);
told.per_second = (keys * 1000) / all;
console.log(JSON.stringify(told));
process.exit(0);
