// Opens wraps with @hpke/core, and seals one for Python to open.
//
//   node open.mjs VECTOR.json PUBLIC_KEY_HEX
//
// Prints one JSON object: what each case of the vector opened to (null: it did
// not open), and a message sealed to the given X-Wing public key.

import { readFileSync } from "node:fs";

import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";

const suite = new CipherSuite({
  kem: new XWing(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});
const ENC_SIZE = 1120;
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (raw) => Buffer.from(raw).toString("hex");

// Each part after its length: 4 bytes, big-endian.
function boundInfo(...parts) {
  return Buffer.concat(
    parts.map((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return Buffer.concat([length, part]);
    }),
  );
}

function wrapInfo(given) {
  const epoch = Buffer.alloc(8);
  epoch.writeBigUInt64BE(BigInt(given.epoch));
  return boundInfo(
    Buffer.from("careledger/wrap/v1"),
    Buffer.from(given.chain_id),
    bytes(given.record),
    epoch,
    bytes(given.sender),
    bytes(given.handle),
  );
}

function unpad(padded) {
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== 0x80) throw new Error("no end mark");
  return padded.slice(0, end);
}

function argumentsOf(given, test) {
  const args = { ...given, ...test.with };
  if (test.flip) {
    const [name, bit] = test.flip;
    const raw = bytes(args[name]);
    raw[bit >> 3] ^= 1 << (bit & 7);
    args[name] = hex(raw);
  }
  if (test.slices) {
    const [name, slices] = test.slices;
    args[name] = slices.map(([a, b]) => args[name].slice(2 * a, 2 * b)).join("");
  }
  return args;
}

async function open(given) {
  const sealed = bytes(given.sealed);
  try {
    const recipient = await suite.createRecipientContext({
      recipientKey: await suite.kem.importKey("raw", bytes(given.seed), false),
      enc: sealed.slice(0, ENC_SIZE),
      info: wrapInfo(given),
    });
    return hex(unpad(new Uint8Array(await recipient.open(sealed.slice(ENC_SIZE)))));
  } catch {
    return null;
  }
}

async function sealTo(publicKey) {
  const sender = await suite.createSenderContext({
    recipientPublicKey: await suite.kem.importKey("raw", publicKey, true),
    info: Buffer.from("from JavaScript"),
  });
  const ciphertext = await sender.seal(Buffer.from("hello, Python"));
  return hex(sender.enc) + hex(ciphertext);
}

const vector = JSON.parse(readFileSync(process.argv[2], "utf8"));
const opened = {};
for (const test of vector.cases) {
  opened[test.name] = await open(argumentsOf(vector.given, test));
}
const sealed = await sealTo(bytes(process.argv[3]));
console.log(JSON.stringify({ opened, sealed }));
