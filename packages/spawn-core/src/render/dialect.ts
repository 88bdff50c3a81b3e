/**
 * What the reader of a file does with text even inside quotes. No encoding helps against that: such
 * text is refused.
 */

interface Dialect {
  readonly path: RegExp
  readonly text: RegExp
  readonly reason: string
}

const dialects: readonly Dialect[] = [
  {
    path: /\.ya?ml$/,
    // GitHub Actions and compose (`${`), Kubernetes (`$(`), Helm and Prometheus (`{{`).
    text: /\$[{(]|\{\{/,
    reason: 'programs that read YAML expand "${", "$(" and "{{"',
  },
  {
    path: /(^|\/)(docker-)?compose[^/]*\.ya?ml$/,
    text: /\$/,
    reason: 'compose expands "$"',
  },
  {
    path: /(^|\/)(GNUm|[Mm])akefile$|\.mk$/,
    text: /[$#]/,
    reason: 'make expands "$" and takes "#" for a comment',
  },
  {
    path: /(^|\/)(Dockerfile|Containerfile)[^/]*$/,
    // A backslash at the end of a line would swallow the next one.
    text: /[$\\"']/,
    reason: 'a Dockerfile gives "$", backslashes and quotes a meaning of their own',
  },
]

/** Why `text`, as an encoder made it, can't stand in the file at `path`; undefined where it can. */
export function unfitReason(path: string, text: string): string | undefined {
  const inner = text.replace(/^(["'])(.*)\1$/s, '$2')
  return dialects.find((dialect) => dialect.path.test(path) && dialect.text.test(inner))?.reason
}
