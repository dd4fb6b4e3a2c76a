// The codes of an authenticator app (RFC 6238), implemented independently of the server.
import { createHmac } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code of a base32 secret, `steps` of 30 seconds from now. */
export function totp(secret: string, steps = 0): string {
  const bits = [...secret.replaceAll(' ', '')].map((c) => LETTERS.indexOf(c).toString(2).padStart(5, '0')).join('');
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigInt64(0, BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', Uint8Array.from(bytes)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return ((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).toString().padStart(6, '0');
}
