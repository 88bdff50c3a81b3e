/** As much of an MCP client as the demo needs: requests over stdio, one line of JSON each way. */
import type { Json, JsonObject } from '../command.ts'
import { VmError } from '../errors.ts'
import { textAt } from './answers.ts'
import { startVm, unexpectedEnd, type VmOptions } from './vm-process.ts'

/** Asks an MCP server. Rejects where it answers with an error or ends. */
export type AskMcp = (method: string, params: JsonObject) => Promise<Json>

/** The revision of the protocol; each request says it, as there is no session. */
export const mcpRevision = '2026-07-28'

const envelope = {
  'io.modelcontextprotocol/protocolVersion': mcpRevision,
  'io.modelcontextprotocol/clientInfo': { name: 'vm demo', version: '0' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

/** Works while a `vm mcp` with these words is there to be asked; it has ended when this returns. */
export async function whileAsking<T>(
  words: readonly string[],
  options: VmOptions,
  work: (ask: AskMcp) => Promise<T>,
): Promise<T> {
  const waiting = new Map<unknown, (answer: JsonObject) => void>()
  const onLine = (line: string): void => {
    const message: JsonObject = JSON.parse(line)
    // What has no id is a notification, and nobody waits for it.
    waiting.get(message['id'])?.(message)
  }
  const server = startVm([...words, '--no-input'], { ...options, onLine })
  const early = server.ended.then((ended) => {
    throw unexpectedEnd(words, ended, 0)
  })
  // It ends when nothing is asked any more.
  early.catch(() => undefined)
  let id = 0
  const ask: AskMcp = async (method, params) => {
    id += 1
    const answered = new Promise<JsonObject>((resolve) => waiting.set(id, resolve))
    const request = { jsonrpc: '2.0', id, method, params: { ...params, _meta: envelope } }
    server.write(`${JSON.stringify(request)}\n`)
    return resultOf(method, await Promise.race([answered, early]))
  }
  try {
    return await work(ask)
  } finally {
    server.endInput()
    await server.stop()
  }
}

function resultOf(method: string, { result, error }: JsonObject): Json {
  if (result !== undefined) return result
  const why = error === undefined ? 'no result' : textAt(error, 'message')
  throw new VmError('VM_FAILED', `${method} was answered with: ${why}`)
}
