// Verifies the ML-DSA-44 cosignatures of the log's vectors (C2SP tlog-cosignature)
// with @noble/post-quantum, building the signed structure from the specification.
// Usage: node verify.mjs PATH-OF-mldsa.json

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";

const MLDSA44 = 6;
const TIMESTAMP_SIZE = 8;

function uint64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function opaque(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function holds({ key, note, origin, size, root }) {
  const [name, keyId, ...encoded] = key.split("+");
  const material = Buffer.from(encoded.join("+"), "base64");
  const hash = createHash("sha256").update(`${name}\n`).update(material).digest();
  if (material[0] !== MLDSA44 || hash.toString("hex", 0, 4) !== keyId) return false;

  const line = note.split("\n").find((one) => one.startsWith(`— ${name} `));
  const blob = Buffer.from(line.split(" ")[2], "base64").subarray(4);
  const timestamp = blob.subarray(0, TIMESTAMP_SIZE);
  const message = Buffer.concat([
    Buffer.from("subtree/v1\n\0"),
    opaque(name),
    timestamp,
    opaque(origin),
    uint64(0),
    uint64(size),
    Buffer.from(root, "hex"),
  ]);
  return ml_dsa44.verify(blob.subarray(TIMESTAMP_SIZE), message, material.subarray(1));
}

const { vectors } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const wrong = vectors.filter((vector) => holds(vector) !== (vector.expect === "signed"));
console.log(`${vectors.length - wrong.length} of ${vectors.length} as expected`);
process.exit(vectors.length > 0 && wrong.length === 0 ? 0 : 1);
