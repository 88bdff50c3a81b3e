import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { problemCodes, problems, serverErrorCodes } from '@vaultmesh/server'
import { runReadmeExample } from '@vaultmesh/testing'
import { expect, it, test } from 'vitest'
import { makeScene, type Scene } from './kit/scene.ts'

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

interface Operation {
  readonly operationId: string
  readonly security: readonly object[]
  readonly responses: Readonly<Record<string, unknown>>
}

async function documentOf({ app }: Scene): Promise<Document> {
  return (await app.inject('/openapi.json')).json()
}

async function verdictOf({ app }: Scene): ReturnType<Validator['validate']> {
  return new Validator().validate((await app.inject('/openapi.json')).json())
}

test('the document is valid OpenAPI 3.1, and names each schema once', async () => {
  const scene = await makeScene()
  const document = await documentOf(scene)
  const verdict = await verdictOf(scene)
  expect(verdict.errors).toBeUndefined()
  expect(verdict.valid).toBe(true)
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.components.schemas).toSorted()).toEqual([
    ...['Candidate', 'Lease', 'Memory', 'MemoryItem', 'Offer', 'Problem', 'Recorded', 'Verdict'],
  ])
})

/** Every request that the document knows, and the status that it is answered with. */
async function exercise(scene: Scene): Promise<Map<string, number>> {
  const headers = scene.bearer()
  const seen = new Map<string, number>()
  const ask = async (method: 'GET' | 'POST', path: string, url: string, payload?: object) => {
    const answer = await scene.app.inject({ method, url, headers, ...(payload && { payload }) })
    seen.set(`${method} ${path}`, answer.statusCode)
    return answer
  }
  const note = { kind: 'note', title: 'n', body: { text: 't' } }
  const { id } = (await ask('POST', '/v1/memories', '/v1/memories', note)).json()
  await ask('GET', '/v1/memories', '/v1/memories')
  await ask('GET', '/v1/memories/{id}', `/v1/memories/${id}`)
  const proof = await ask('GET', '/v1/memories/{id}/proof', `/v1/memories/${id}/proof`)
  await ask('POST', '/v1/verify', '/v1/verify', proof.json())
  await ask('GET', '/v1/policy', '/v1/policy')
  const request = { tenant: 'lab', gpu: 'A100', gpus: 1, durationMs: 1000 }
  const { lease } = (await ask('POST', '/v1/route', '/v1/route', { request })).json()
  await ask('GET', '/v1/route/offers', '/v1/route/offers')
  const bind = { fence: lease.fence, reference: 'pod', ttlMs: 1000 }
  await ask('POST', '/v1/leases/{id}/bind', `/v1/leases/${lease.id}/bind`, bind)
  await ask('POST', '/v1/leases/{id}/release', `/v1/leases/${lease.id}/release`, { fence: 2 })
  await ask('GET', '/v1/leases/{id}', `/v1/leases/${lease.id}`)
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json'])
    await ask('GET', path, path)
  return seen
}

test('each endpoint of the document answers as it says, and each is in it', async () => {
  const scene = await makeScene()
  const document = await documentOf(scene)
  const seen = await exercise(scene)
  const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      ...operation,
    })),
  )
  expect(documented.map(({ name }) => name).toSorted()).toEqual([...seen.keys()].toSorted())
  for (const { name, responses } of documented) {
    expect(Object.keys(responses)).toContain(String(seen.get(name)))
    expect(seen.get(name)).toBeLessThan(300)
  }
  const ids = documented.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(ids.length)
})

test('each write needs a token by the document, and no read that is public does', async () => {
  const { paths } = await documentOf(await makeScene())
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { security }] of Object.entries(operations)) {
      const isPublic = ['/healthz', '/readyz', '/openapi.json'].includes(path)
      const isRead = method === 'get' || path === '/v1/verify'
      const expected = isPublic ? [] : isRead ? [{}, { token: [] }] : [{ token: [] }]
      expect({ path, method, security }).toEqual({ path, method, security: expected })
    }
  }
})

test('whatever is not public by the document is closed to whoever has no token', async () => {
  const { app } = await makeScene({ exposure: 'network' })
  const { paths }: Document = (await app.inject('/openapi.json')).json()
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { security }] of Object.entries(operations)) {
      const url = path.replace('{id}', 'lease-1-000000000000')
      const { statusCode } = await app.inject({ method: method === 'get' ? 'GET' : 'POST', url })
      expect([path, method, statusCode === 401]).toEqual([path, method, security.length > 0])
      if (method !== 'get') continue
      const head = await app.inject({ method: 'HEAD', url })
      expect([path, head.statusCode === 401]).toEqual([path, security.length > 0])
    }
  }
})

test('without a router there is nothing about routing', async () => {
  const { router: _, ...scene } = await makeScene({ router: undefined as never })
  const document: Document = (await scene.app.inject('/openapi.json')).json()
  expect(Object.keys(document.paths).filter((path) => /route|lease/.test(path))).toEqual([])
})

const readme = new URL('../README.md', import.meta.url)
const text = readFileSync(readme, 'utf8')

function codesUnder(heading: string): string[] {
  const [, part = ''] = text.split(`\n### ${heading}\n`)
  const [section = ''] = part.split('\n## ')[0]?.split('\n### ') ?? []
  return [...section.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code ?? '')
}

it('has a README that lists every code, in order, with its status', () => {
  expect(codesUnder('Of the library')).toEqual([...serverErrorCodes])
  expect(codesUnder('Of the API')).toEqual([...problemCodes])
  for (const code of problemCodes)
    expect(text).toContain(`| \`${code}\` | ${problems[code].status} |`)
})

it('has a README that says why each dependency is there', () => {
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  for (const name of Object.keys(dependencies)) expect(text).toContain(`| \`${name}\` |`)
})

it('has a README whose example runs', async () => {
  expect(await runReadmeExample(readme)).toBe('201 Use PostgreSQL\ntrue\n')
})
