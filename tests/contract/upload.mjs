// tus-js-client sends files through a proxy that cuts its connections now and then: node upload.mjs < {endpoint, token, seed, slot, files: [path]}
import { createReadStream, readFileSync, statSync } from "node:fs";
import net from "node:net";
import { basename } from "node:path";
import { Upload } from "tus-js-client";

const given = JSON.parse(readFileSync(0, "utf8"));
const server = new URL(given.endpoint);

// mulberry32: the same cuts for the same seed
let state = given.seed >>> 0;
function chance() {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

let cuts = 0;
const proxy = net.createServer((client) => {
  const upstream = net.connect(Number(server.port), server.hostname);
  let left = Math.floor(chance() * given.most_before_a_cut);
  const cut = () => {
    cuts += 1;
    client.destroy();
    upstream.destroy();
  };
  client.on("data", (bytes) => {
    if (bytes.length <= left) {
      left -= bytes.length;
      upstream.write(bytes);
    } else {
      upstream.write(bytes.subarray(0, left), cut);
    }
  });
  upstream.on("data", (bytes) => (chance() < given.lost_answers ? cut() : client.write(bytes)));
  for (const [one, other] of [[client, upstream], [upstream, client]]) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
});

function send(path) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(createReadStream(path), {
      endpoint: `http://127.0.0.1:${proxy.address().port}${server.pathname}`,
      uploadSize: statSync(path).size,
      chunkSize: given.chunk,
      retryDelays: Array(500).fill(5),
      headers: { Authorization: `Bearer ${given.token}` },
      metadata: { slot: given.slot, filename: basename(path), filetype: "application/pdf" },
      onError: reject,
      onSuccess: () => resolve(new URL(upload.url).pathname),
    });
    upload.start();
  });
}

await new Promise((ready) => proxy.listen(0, "127.0.0.1", ready));
const sent = [];
for (const path of given.files) sent.push(await send(path));
proxy.close();
console.log(JSON.stringify({ sent, cuts }));
process.exit(0);
