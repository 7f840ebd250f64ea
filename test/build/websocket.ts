// The server's side of a websocket (RFC 6455), as far as Slack's needs it: text both ways, pings answered, closing and breaking off.

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const

export interface ServerSocket {
  send(text: string): void
  /** Says good-bye. */
  close(): void
  /** Breaks off without a word. */
  destroy(): void
}

/** Accepts what was asked for by `Upgrade: websocket`. */
export function accept(request: IncomingMessage, socket: Duplex, onText: (text: string) => void): ServerSocket {
  const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}${MAGIC}`).digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
  )
  const send = (opcode: number, body: Buffer) => {
    if (!socket.destroyed) socket.write(Buffer.concat([head(opcode, body.length), body]))
  }
  let waiting = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('end', () => socket.end())
  socket.on('data', (piece: Buffer) => {
    waiting = Buffer.concat([waiting, piece])
    for (;;) {
      const frame = readFrame(waiting)
      if (frame === undefined) return
      waiting = waiting.subarray(frame.size)
      if (frame.opcode === opcodes.text) onText(frame.body.toString('utf8'))
      else if (frame.opcode === opcodes.ping) send(opcodes.pong, frame.body)
      else if (frame.opcode === opcodes.close) {
        send(opcodes.close, frame.body.subarray(0, 2))
        socket.end()
      }
    }
  })
  return {
    send: (text) => send(opcodes.text, Buffer.from(text)),
    close: () => send(opcodes.close, Buffer.from([3, 232])),
    destroy: () => socket.destroy(),
  }
}

function head(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, length])
  const long = Buffer.alloc(4)
  long.set([0x80 | opcode, 126])
  long.writeUInt16BE(length, 2)
  return long
}

/** The first frame of what has come, unmasked; undefined while it is not whole. */
function readFrame(bytes: Buffer): { opcode: number; body: Buffer; size: number } | undefined {
  if (bytes.length < 6) return undefined
  const short = (bytes[1] as number) & 0x7f
  const from = short === 126 ? 4 : 2
  const length = short === 126 ? bytes.readUInt16BE(2) : short
  const size = from + 4 + length
  if (bytes.length < size) return undefined
  const mask = bytes.subarray(from, from + 4)
  const body = Buffer.from(bytes.subarray(from + 4, size)).map((byte, i) => byte ^ (mask[i % 4] as number))
  return { opcode: (bytes[0] as number) & 0x0f, body: Buffer.from(body), size }
}
