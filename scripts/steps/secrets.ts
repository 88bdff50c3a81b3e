/** No secret in any file, in any version of any file that git holds, or in a commit message. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { hasCommits, isShallow, projectFiles } from '../lib/git.ts'
import { output, run } from '../lib/run.ts'
import { type Finding, findSecrets } from '../lib/secrets.ts'
import { noneOf, type Outcome } from '../lib/step.ts'
import { root } from '../lib/workspace.ts'

/** The id that git gives to these bytes. */
function blobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

interface Blob {
  readonly id: string
  readonly path: string
  readonly bytes: Uint8Array
}

/** Reads git objects out of the format of `git cat-file --batch`. */
export function parseBatch(batch: Buffer, paths: ReadonlyMap<string, string>): Blob[] {
  const blobs: Blob[] = []
  for (let at = 0; at < batch.length; ) {
    const end = batch.indexOf(10, at)
    const [id = '', type, size] = batch.subarray(at, end).toString().split(' ')
    at = end + 1
    if (size === undefined) continue
    const bytes = batch.subarray(at, at + Number(size))
    at += Number(size) + 1
    if (type === 'blob') blobs.push({ id, path: paths.get(id) ?? id, bytes })
  }
  return blobs
}

const batchSize = 500

async function* historicBlobs(cwd: string, known: ReadonlySet<string>): AsyncGenerator<Blob> {
  const listed = await output('git', ['rev-list', '--all', '--objects'], { cwd })
  const paths = new Map<string, string>()
  for (const line of listed.split('\n')) {
    const [id = '', ...path] = line.split(' ')
    if (id !== '' && !known.has(id)) paths.set(id, path.join(' '))
  }
  const ids = [...paths.keys()]
  for (let start = 0; start < ids.length; start += batchSize) {
    const input = ids.slice(start, start + batchSize).join('\n')
    const { stdoutBytes } = await run('git', ['cat-file', '--batch'], { cwd, input: `${input}\n` })
    yield* parseBatch(stdoutBytes, paths)
  }
}

/** What was found, and how much was looked at. */
export interface ScanResult {
  readonly findings: readonly Finding[]
  readonly files: number
  readonly versions: number
  readonly notes: readonly string[]
}

/** Scans the repository in `cwd`: its files, and what every reachable commit holds and says. */
export async function scanRepository(cwd: string): Promise<ScanResult> {
  const findings: Finding[] = []
  const known = new Set<string>()
  const files = (await projectFiles(cwd)).filter((path) => {
    const absolute = join(cwd, path)
    return existsSync(absolute) && statSync(absolute).isFile()
  })
  for (const path of files) {
    const bytes = readFileSync(join(cwd, path))
    known.add(blobId(bytes))
    findings.push(...(await findSecrets(path, bytes)))
  }
  if (!(await hasCommits(cwd))) {
    return { findings, files: files.length, versions: 0, notes: ['no commit yet: no history'] }
  }
  let versions = 0
  for await (const { id, path, bytes } of historicBlobs(cwd, known)) {
    versions += 1
    const found = await findSecrets(path, bytes)
    findings.push(...found.map((finding) => ({ ...finding, path: `${path} (blob ${id})` })))
  }
  const messages = await output('git', ['log', '--all', '-z', '--format=%H%n%B'], { cwd })
  for (const message of messages.split('\0').filter((text) => text.trim() !== '')) {
    const commit = message.slice(0, message.indexOf('\n'))
    const found = await findSecrets('message.txt', message)
    findings.push(...found.map((finding) => ({ ...finding, path: `message of ${commit}` })))
  }
  const notes = (await isShallow(cwd)) ? ['a shallow clone: older commits were not scanned'] : []
  return { findings, files: files.length, versions, notes }
}

/** Scans what is staged for the next commit. */
export async function scanStaged(cwd: string): Promise<Finding[]> {
  const listed = await output(
    'git',
    ['diff', '--cached', '--name-only', '-z', '--diff-filter=ACMRT', '--no-renames'],
    { cwd },
  )
  const findings: Finding[] = []
  for (const path of listed.split('\0').filter((name) => name !== '')) {
    const { code, stdoutBytes } = await run('git', ['cat-file', 'blob', `:${path}`], { cwd })
    // A submodule has no blob.
    if (code === 0) findings.push(...(await findSecrets(path, stdoutBytes)))
  }
  return findings
}

/** One line for a finding. */
export function describeFinding({ path, line, what }: Finding): string {
  return `${path}:${line} holds ${what}`
}

/** The step. */
export async function secrets(): Promise<Outcome> {
  const { findings, files, versions, notes } = await scanRepository(root)
  return noneOf(findings.map(describeFinding), [
    `${files} files, ${versions} older versions`,
    ...notes,
  ])
}
