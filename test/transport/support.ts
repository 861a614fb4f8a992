/** What the transport tests share: waiting for conditions, and peers that speak raw TCP. */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** Lets all promises settle that can. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits for a condition of the real world; the deadline is for broken code only. */
export async function eventually(
  condition: () => boolean,
  what: string,
  deadlineMs = 30_000,
): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await sleep(5);
  }
}

/** A peer that sends what bytes it likes and keeps what comes back. */
export class RawPeer {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  static async connect(address: string): Promise<RawPeer> {
    const [host, port] = address.split(':');
    const socket = connect({ host: host ?? '', port: Number(port) });
    const peer = new RawPeer(socket);
    await once(socket, 'connect');
    return peer;
  }

  /** Connects and makes it a WebSocket; what was received begins after the handshake. */
  static async upgrade(address: string): Promise<RawPeer> {
    const peer = await RawPeer.connect(address);
    peer.socket.write(upgradeRequest());
    await eventually(() => peer.received.includes('\r\n\r\n'), 'the handshake is answered');
    if (!peer.text.startsWith('HTTP/1.1 101 ')) throw new Error(`no upgrade: ${peer.text}`);
    peer.received = peer.received.subarray(peer.received.indexOf('\r\n\r\n') + 4);
    return peer;
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  /** The code and message of a close frame, when one has come and nothing before it. */
  get closeFrame(): { code: number; message: string } | null {
    if (this.received.length < 4 || this.received[0] !== 0x88) return null;
    const end = 2 + (this.received[1] ?? 0);
    return {
      code: this.received.readUInt16BE(2),
      message: this.received.subarray(4, end).toString(),
    };
  }

  async closed(): Promise<void> {
    await eventually(() => this.isClosed, 'the raw connection is closed');
  }
}

export function upgradeRequest(): string {
  return [
    'GET / HTTP/1.1',
    'Host: test',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    '',
    '',
  ].join('\r\n');
}

export const OPCODE = { text: 1, binary: 2, close: 8, ping: 9 } as const;

/** The header of a final frame; `declaredBytes` may be more than what follows. */
export function frameHeader(opcode: number, declaredBytes: number, isMasked = true): Buffer {
  const mask = isMasked ? Buffer.from([1, 2, 3, 4]) : Buffer.alloc(0);
  const flag = isMasked ? 0x80 : 0;
  if (declaredBytes < 126) {
    return Buffer.concat([Buffer.from([0x80 | opcode, flag | declaredBytes]), mask]);
  }
  const length = Buffer.alloc(10);
  length[0] = 0x80 | opcode;
  length[1] = flag | 127;
  length.writeBigUInt64BE(BigInt(declaredBytes), 2);
  return Buffer.concat([length, mask]);
}

/** A whole frame as a client sends it. */
export function clientFrame(opcode: number, payload: Uint8Array): Buffer {
  const masked = Buffer.from(payload).map((byte, i) => byte ^ (1 + (i % 4)));
  return Buffer.concat([frameHeader(opcode, payload.length), masked]);
}
