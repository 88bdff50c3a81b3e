import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readmeExamples, runReadmeExample, temporaryDirectory } from '@vaultmesh/testing'
import { expect, it } from 'vitest'

function readme(...blocks: string[]): string {
  const directory = temporaryDirectory()
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({
      name: '@example/self',
      type: 'module',
      exports: { '.': { '@vaultmesh/source': './self.ts', default: './dist/self.js' } },
    }),
  )
  writeFileSync(join(directory, 'self.ts'), "export const answer: string = 'from source'\n")
  const path = join(directory, 'README.md')
  writeFileSync(path, blocks.map((code) => `text\n\n\`\`\`ts\n${code}\n\`\`\`\n`).join('\n'))
  return path
}

it('finds the TypeScript blocks and no others', () => {
  const markdown = 'a\n\n```sh\nls\n```\n\n```ts\none()\n```\nb\n```ts\ntwo()\nthree()\n```\n'
  expect(readmeExamples(markdown)).toEqual(['one()\n', 'two()\nthree()\n'])
})

it('runs a block that imports its own package, and returns its output', async () => {
  const path = readme("import { answer } from '@example/self'\nconsole.log(answer)")
  expect(await runReadmeExample(path)).toBe('from source\n')
})

it('runs the block asked for', async () => {
  const path = readme('console.log(1)', 'console.log(2)')
  expect(await runReadmeExample(path, { index: 1 })).toBe('2\n')
})

it('runs in a folder of its own and leaves nothing behind', async () => {
  const path = readme(
    "import { writeFileSync } from 'node:fs'\nwriteFileSync('left.txt', '')\nconsole.log(process.cwd())",
  )
  const cwd = (await runReadmeExample(path)).trim()
  expect(existsSync(cwd)).toBe(false)
  expect(readdirSync(join(path, '..', 'build'))).toEqual([])
})

it('runs where it is told, with the variables it is given', async () => {
  const path = readme("console.log(process.cwd(), process.env['GREETING'])")
  const cwd = join(temporaryDirectory(), 'given')
  mkdirSync(cwd)
  expect(await runReadmeExample(path, { cwd, env: { GREETING: 'hello' } })).toBe(`${cwd} hello\n`)
})

it('fails with what the example wrote to stderr', async () => {
  const path = readme("throw new Error('the example is wrong')")
  await expect(runReadmeExample(path)).rejects.toThrow('the example is wrong')
})

it('fails where the README has no such block', async () => {
  await expect(runReadmeExample(readme(), {})).rejects.toThrow('has no TypeScript block 0')
})
