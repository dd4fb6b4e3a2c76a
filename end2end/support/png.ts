// Makes a PNG of one colour, to upload as an avatar.
import { deflateSync } from 'node:zlib';

/** The checksum of PNG chunks (ISO 3309); Node has one only from 20.15 on. */
function crc32(bytes: Uint8Array): number {
  const shift = (sum: number) => (sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1);
  const sum = bytes.reduce((sum, byte) => Array.from({ length: 8 }).reduce<number>(shift, sum ^ byte), -1);
  return ~sum >>> 0;
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

export function solidPng(red = 200, side = 160): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(side * 3, Buffer.from([red, 90, 40]))]);
  const rows = Buffer.concat(Array.from({ length: side }, () => row));
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]);
}
