/** Relative links in our Markdown must lead to files that exist, and to headings that exist. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { projectFiles } from '../lib/git.ts'
import { noneOf, type Outcome } from '../lib/step.ts'
import { root } from '../lib/workspace.ts'

/** Markdown without what is quoted as code, in which brackets are no links. */
function prose(markdown: string): string {
  return markdown
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ' '))
}

/** The targets of the links and images of a Markdown text. */
export function linkTargets(markdown: string): string[] {
  const text = prose(markdown)
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)]
  const references = [...text.matchAll(/^\[[^\]]+\]:\s*<?(\S+?)>?$/gm)]
  return [...inline, ...references].map(([, target]) => target ?? '')
}

/** The names by which GitHub links to the headings of a Markdown text. */
export function headingNames(markdown: string): Set<string> {
  const names = new Set<string>()
  for (const [, title = ''] of markdown
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '')
    .matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)) {
    const name = title
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-')
    let unique = name
    for (let count = 1; names.has(unique); count += 1) unique = `${name}-${count}`
    names.add(unique)
  }
  return names
}

function problemOf(file: string, target: string, base: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined
  const [path = '', fragment] = target.split('#')
  const absolute = path === '' ? join(base, file) : join(base, dirname(file), decodeURI(path))
  if (relative(base, absolute).startsWith('..')) return `${target} leaves the repository`
  if (!existsSync(absolute)) return `${target} does not exist`
  if (fragment === undefined || !absolute.endsWith('.md') || statSync(absolute).isDirectory()) {
    return undefined
  }
  const known = headingNames(readFileSync(absolute, 'utf8'))
  return known.has(fragment) ? undefined : `${target}: no such heading`
}

/** Every broken relative link of the given Markdown files (relative to `base`). */
export function brokenLinks(files: readonly string[], base: string): string[] {
  return files.flatMap((file) =>
    linkTargets(readFileSync(join(base, file), 'utf8')).flatMap((target) => {
      const problem = problemOf(file, target, base)
      return problem === undefined ? [] : [`${file}: ${problem}`]
    }),
  )
}

/** Templates hold the documents of other repositories. */
const ignored = /(^|\/)(templates|testdata|node_modules)\//

/** The step. */
export async function links(): Promise<Outcome> {
  const files = (await projectFiles()).filter(
    (path) => path.endsWith('.md') && !ignored.test(path) && existsSync(join(root, path)),
  )
  return noneOf(brokenLinks(files, root))
}
