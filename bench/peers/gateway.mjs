// A WhatsApp gateway as most teams write it: Express takes the webhook, PostgreSQL keeps it, BullMQ brings the reply to a
// worker, which sends it. It does the work that bench/run reply measures, as well as this design can: signature over the raw
// body, unique wamid, contact, conversation, message and statuses stored, reply queued and sent, one process for the web
// and one for the worker, pooled and kept connections.
//
//   node gateway.mjs web|worker '{"postgres": {"host", "user", "database"}, "redis": SOCKET, "graph": URL, "secret": S, "token": T, "number": ID}'
//
// The web prints {"url": …} when it listens.

import crypto from "node:crypto";
import express from "express";
import { Queue, Worker } from "bullmq";
import IORedis from "ioredis";
import pg from "pg";

const [role, text] = process.argv.slice(2);
const plan = JSON.parse(text);
const pool = new pg.Pool({ ...plan.postgres, max: 20 });
const redis = new IORedis({ path: plan.redis, maxRetriesPerRequest: null });

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS contacts (id bigserial PRIMARY KEY, wa_id text NOT NULL UNIQUE, name text);
  CREATE TABLE IF NOT EXISTS conversations (id bigserial PRIMARY KEY, contact_id bigint NOT NULL UNIQUE REFERENCES contacts,
    last_message_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE IF NOT EXISTS messages (id bigserial PRIMARY KEY, conversation_id bigint NOT NULL REFERENCES conversations,
    direction text NOT NULL, wamid text UNIQUE, body text, status text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
  CREATE INDEX IF NOT EXISTS messages_of ON messages (conversation_id, created_at);
  CREATE TABLE IF NOT EXISTS statuses (wamid text NOT NULL, status text NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (wamid, status));`;

function isSigned(request) {
  const expected = "sha256=" + crypto.createHmac("sha256", plan.secret).update(request.body).digest("hex");
  const got = request.get("X-Hub-Signature-256") ?? "";
  return got.length === expected.length && crypto.timingSafeEqual(Buffer.from(got), Buffer.from(expected));
}

// The conversation's id; nothing when the message was there already.
async function store(client, message, name) {
  const contact = await client.query({ name: "contact", values: [message.from, name],
    text: "INSERT INTO contacts (wa_id, name) VALUES ($1, $2) ON CONFLICT (wa_id) DO UPDATE SET name = excluded.name RETURNING id" });
  const conversation = await client.query({ name: "conversation", values: [contact.rows[0].id],
    text: "INSERT INTO conversations (contact_id) VALUES ($1) ON CONFLICT (contact_id) DO UPDATE SET last_message_at = now() RETURNING id" });
  const id = conversation.rows[0].id;
  const fresh = await client.query({ name: "message", values: [id, message.id, message.text?.body ?? null],
    text: "INSERT INTO messages (conversation_id, direction, wamid, body, status) VALUES ($1, 'in', $2, $3, 'received') " +
          "ON CONFLICT (wamid) DO NOTHING RETURNING id" });
  return fresh.rowCount === 1 ? id : null;
}

async function inTransaction(work) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

async function noteStatus(status) {
  await inTransaction(async (client) => {
    await client.query({ name: "status", values: [status.id, status.status, Number(status.timestamp)],
      text: "INSERT INTO statuses (wamid, status, at) VALUES ($1, $2, to_timestamp($3)) ON CONFLICT DO NOTHING" });
    await client.query({ name: "state", values: [status.id, status.status], text: "UPDATE messages SET status = $2 WHERE wamid = $1" });
  });
}

async function web() {
  await pool.query(SCHEMA);
  const replies = new Queue("replies", { connection: redis });
  const app = express();
  app.get("/webhook", (request, response) => response.send(request.query["hub.challenge"]));
  app.post("/webhook", express.raw({ type: "*/*", limit: "4mb" }), async (request, response) => {
    if (!isSigned(request)) return response.sendStatus(401);
    for (const entry of JSON.parse(request.body).entry ?? []) {
      for (const { value } of entry.changes ?? []) {
        for (const status of value.statuses ?? []) await noteStatus(status);
        for (const message of value.messages ?? []) {
          const conversation = await inTransaction((client) => store(client, message, value.contacts?.[0]?.profile?.name));
          if (conversation === null) continue;
          await replies.add("reply", { conversation, to: message.from, body: `answer to ${message.text?.body}` },
            { removeOnComplete: true, attempts: 5, backoff: { type: "exponential", delay: 1000 } });
        }
      }
    }
    response.sendStatus(200);
  });
  const server = app.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}/webhook` })));
}

async function send({ data }) {
  const row = await pool.query({ name: "reply", values: [data.conversation, data.body],
    text: "INSERT INTO messages (conversation_id, direction, body, status) VALUES ($1, 'out', $2, 'queued') RETURNING id" });
  const answer = await fetch(`${plan.graph}/v25.0/${plan.number}/messages`, {
    method: "POST",
    headers: { Authorization: `Bearer ${plan.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ messaging_product: "whatsapp", to: `+${data.to}`, type: "text", text: { body: data.body } }),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(`Meta answered ${answer.status}`);
  await pool.query({ name: "accepted", values: [row.rows[0].id, told.messages[0].id],
    text: "UPDATE messages SET wamid = $2, status = 'accepted' WHERE id = $1" });
}

function worker() {
  new Worker("replies", send, { connection: redis, concurrency: 50 });
  console.log(JSON.stringify({ worker: true }));
}

await (role === "web" ? web() : worker());
