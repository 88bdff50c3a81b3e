/** What a run says of the machine, and of the versions of all that took part. */
import { readFileSync, statfsSync } from 'node:fs'
import { cpus, release, type as systemName, totalmem } from 'node:os'
import { join } from 'node:path'
import { firstLine } from './programs.ts'
import type { Machine } from './result.ts'

// statfs(2), linux/magic.h.
const fileSystems: Readonly<Record<number, string>> = {
  61267: 'ext4',
  2435016766: 'btrfs',
  1481003842: 'xfs',
  2035054128: 'overlayfs',
  16914836: 'tmpfs',
  801189825: 'zfs',
  26985: 'nfs',
}

const here = import.meta.dirname

function packageVersions(): Record<string, string> {
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(here, '../../package.json'), 'utf8'),
  )
  return Object.fromEntries(
    Object.entries(manifest.dependencies).filter(([name]) => !name.startsWith('@vaultmesh/')),
  )
}

function programVersions(): Record<string, string> {
  const found = {
    git: firstLine('git', '--version')?.replace('git version ', ''),
    gpg: firstLine('gpg', '--version')?.replace('gpg (GnuPG) ', ''),
    go: firstLine('go', 'version')?.replace('go version ', ''),
    openssl: firstLine('openssl', 'version')?.replace(/^OpenSSL (\S+).*/, '$1'),
    python3: firstLine('python3', '--version')?.replace('Python ', ''),
  }
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, version]) =>
      version === undefined ? [] : [[name, version]],
    ),
  )
}

/** Describes this machine. */
export function describeMachine(): Machine {
  const { node, v8, openssl } = process.versions
  const type = statfsSync(here).type
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${systemName()} ${release()} ${process.arch}`,
    fileSystem: fileSystems[type] ?? `type 0x${type.toString(16)}`,
    versions: {
      Node: node,
      V8: v8,
      'OpenSSL in Node': openssl,
      ...programVersions(),
      ...packageVersions(),
    },
  }
}

/** The short name of the commit, with `+` where files differ from it; `unknown` without git. */
export function describeCommit(): string {
  const commit = firstLine('git', '-C', here, 'rev-parse', '--short=12', 'HEAD')
  if (commit === undefined) return 'unknown'
  // What a run itself writes is no change of what is measured.
  const changes = firstLine('git', '-C', here, 'status', '--porcelain', '--', ':/', ':!/docs')
  return changes === '' ? commit : `${commit}+`
}
