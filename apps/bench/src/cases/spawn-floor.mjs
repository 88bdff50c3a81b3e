// The least that spawning can cost: `node spawn-floor.mjs FILES.json FOLDER` writes the files and
// commits them, with one git for each step that git has.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const [list, folder] = process.argv.slice(2)
for (const { path, base64, mode } of JSON.parse(readFileSync(list, 'utf8'))) {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, Buffer.from(base64, 'base64'), { mode })
}
const git = (...args) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' })
git('init', '--quiet')
git('add', '--all')
git('commit', '--quiet', '--message', 'Spawn')
