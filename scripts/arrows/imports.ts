/** Reads what a TypeScript file imports, in every form that TypeScript and JavaScript have. */
import { parseSync } from 'oxc-parser'

/** One import: what it names, how, and the line (from 1) it stands on. */
export interface Import {
  readonly specifier: string
  readonly kind: 'static' | 'export' | 'type' | 'dynamic' | 'require'
  readonly line: number
}

/** What a file imports and uses. */
export interface FileImports {
  readonly imports: readonly Import[]
  /** Lines of dynamic imports whose specifier is no literal, and so can't be checked. */
  readonly computed: readonly number[]
  /** Globals that only Node has. */
  readonly nodeGlobals: readonly { readonly name: string; readonly line: number }[]
  /** What the parser could not read. */
  readonly errors: readonly string[]
}

interface Node {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { type?: unknown }).type === 'string'
  )
}

function* nodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodes(item)
  } else if (isNode(value)) {
    yield value
    for (const key of Object.keys(value)) yield* nodes(value[key])
  }
}

function literal(value: unknown): string | undefined {
  if (!isNode(value)) return undefined
  if (value.type === 'Literal' && typeof value['value'] === 'string') return value['value']
  // In some versions of the tree an import type's argument is wrapped once more.
  return value.type === 'TSLiteralType' ? literal(value['literal']) : undefined
}

const memberGlobals = new Set(['process', 'global', 'Buffer'])
const callGlobals = new Set(['require', 'setImmediate'])

function identifier(value: unknown, names: ReadonlySet<string>): string | undefined {
  if (!isNode(value) || value.type !== 'Identifier') return undefined
  const name = value['name']
  return typeof name === 'string' && names.has(name) ? name : undefined
}

/** A global of Node that this syntax node uses. Local names that shadow one are not told apart. */
function nodeGlobal(node: Node): string | undefined {
  if (node.type === 'MemberExpression') return identifier(node['object'], memberGlobals)
  if (node.type === 'CallExpression') return identifier(node['callee'], callGlobals)
  if (node.type === 'TSTypeReference') return identifier(node['typeName'], memberGlobals)
  return undefined
}

type Found = { specifier: string | undefined; kind: Import['kind'] }

function importOf(node: Node): Found | undefined {
  const isType = node['importKind'] === 'type' || node['exportKind'] === 'type'
  switch (node.type) {
    case 'ImportDeclaration':
      return { specifier: literal(node['source']), kind: isType ? 'type' : 'static' }
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      if (!isNode(node['source'])) return undefined
      return { specifier: literal(node['source']), kind: isType ? 'type' : 'export' }
    case 'ImportExpression':
      return { specifier: literal(node['source']), kind: 'dynamic' }
    case 'TSImportType':
      return { specifier: literal(node['source'] ?? node['argument']), kind: 'type' }
    case 'TSExternalModuleReference':
      return { specifier: literal(node['expression']), kind: 'require' }
    case 'CallExpression': {
      if (identifier(node['callee'], new Set(['require'])) === undefined) return undefined
      const [first] = Array.isArray(node['arguments']) ? node['arguments'] : []
      return { specifier: literal(first), kind: 'require' }
    }
    default:
      return undefined
  }
}

/** Everything that `source`, the text of the TypeScript file `path`, imports. */
export function readImports(path: string, source: string): FileImports {
  const parsed = parseSync(path, source)
  const imports: Import[] = []
  const computed: number[] = []
  const nodeGlobals: { name: string; line: number }[] = []
  const lineOf = (offset: number): number => source.slice(0, offset).split('\n').length
  for (const node of nodes(parsed.program)) {
    const found = importOf(node)
    if (found !== undefined) {
      const line = lineOf(node.start)
      if (found.specifier === undefined) computed.push(line)
      else imports.push({ specifier: found.specifier, kind: found.kind, line })
    }
    const name = nodeGlobal(node)
    if (name !== undefined) nodeGlobals.push({ name, line: lineOf(node.start) })
  }
  return { imports, computed, nodeGlobals, errors: parsed.errors.map((error) => error.message) }
}
