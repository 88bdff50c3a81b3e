/** YAML from outside, as plain values. */
import { parseDocument, type YAMLParseError, type YAMLWarning } from 'yaml'
import { readUtf8, refuse } from './reading.ts'

/** Values of a YAML text, without tags, aliases or duplicate keys. */
export function readYaml(bytes: Uint8Array, max: number): unknown {
  const document = parseDocument(readUtf8(bytes, max), {
    ...({ schema: 'core', version: '1.2', uniqueKeys: true, stringKeys: true } as const),
    logLevel: 'error',
  })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem !== undefined) refuse(...placed(problem))
  try {
    // Every alias is refused: a few lines of them can grow to gigabytes.
    return document.toJS({ maxAliasCount: 0 })
  } catch {
    return refuse('', 'YAML aliases are not taken')
  }
}

/** Where and why; the parser reports as an error, too, that it has run out of stack. */
function placed({ linePos, message }: YAMLParseError | YAMLWarning): [at: string, why: string] {
  const [first = 'not YAML'] = message.split('\n', 1)
  const line = linePos?.[0].line
  const at = line === undefined ? '' : `line ${line}`
  return [at, first.includes('call stack') ? 'nested too deep' : first]
}
