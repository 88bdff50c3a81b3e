/** `POST /v1/route` with a durable lease, beside a Fastify that does nothing. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchCase, TimedVariant } from '../../harness/case.ts'
import type { ServerUsage } from './answering.ts'
import { fire, type Load } from './load.ts'
import { question } from './route-question.ts'
import { ServerProcess } from './server-process.ts'

/** What both servers take and give: JSON Schemas out of ours, and an answer of ours. */
export interface RouteContract {
  readonly path: string
  readonly body: object
  readonly answer: object
  readonly example: object
}

const path = '/v1/route'
const headers = { 'content-type': 'application/json', 'idempotency-key': '[<id>]' }

interface OpenApi {
  readonly components: { readonly schemas: object }
  readonly paths: Readonly<
    Record<
      string,
      { readonly post: { readonly requestBody: Content; readonly responses: { 200: Content } } }
    >
  >
}

interface Content {
  readonly content: { readonly 'application/json': { readonly schema: object } }
}

/** A schema of the OpenAPI document that stands alone. */
function alone({ content }: Content, { components }: OpenApi): object {
  const whole = { ...content['application/json'].schema, $defs: components.schemas }
  return JSON.parse(JSON.stringify(whole).replaceAll('"#/components/schemas/', '"#/$defs/'))
}

/** The names of all members of an answer, and what of it is the same each time. */
function shapeOf(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [at]
  return Object.entries(value).flatMap(([name, member]) => shapeOf(member, `${at}.${name}`))
}

async function askOnce(url: string, more: Readonly<Record<string, string>>): Promise<object> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, ...more, 'idempotency-key': `once-${Math.random()}` },
    body: JSON.stringify(question),
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${text}`)
  return JSON.parse(text)
}

async function contractOf(url: string, more: Readonly<Record<string, string>>) {
  const document: OpenApi = await (await fetch(new URL('/openapi.json', url))).json()
  const post = document.paths[path]?.post
  if (post === undefined) throw new Error(`the server does not describe ${path}`)
  return {
    path,
    body: alone(post.requestBody, document),
    answer: alone(post.responses[200], document),
    example: await askOnce(`${url}${path}`, more),
  } satisfies RouteContract
}

/** A part of one core. */
function share(cpu: number, wall: number): string {
  return `${Math.round((100 * cpu) / wall)} % of one core`
}

function script(name: string): string {
  return join(import.meta.dirname, name)
}

/** Requests per second, on a connection each. */
export const routeOverHttp: BenchCase = {
  title: '`POST /v1/route` with a durable lease, over HTTP',
  async prepare({ directory, scale }) {
    const [connections, amount, warm] = scale === 'smoke' ? [4, 16, 1] : [64, 6400, 4]
    const offers = 10
    const home = join(directory, 'home')
    mkdirSync(home)
    const ours = await ServerProcess.start<{ token: string }>(
      'our server',
      script('route-process.ts'),
      [home, `${offers}`],
    )
    const authorization = `Bearer ${ours.facts.token}`
    const file = join(directory, 'contract.json')
    writeFileSync(file, JSON.stringify(await contractOf(ours.facts.url, { authorization })))
    const bare = await ServerProcess.start('bare Fastify', script('bare-process.ts'), [file])
    const busy = new Map<string, { server: number; client: number; wall: number }>()

    const variant = (
      name: string,
      role: 'ours' | 'floor',
      note: string,
      server: ServerProcess<unknown>,
      check: (fired: number) => Promise<void>,
    ): TimedVariant => {
      const url = `${server.facts.url}${path}`
      const sent = { ...headers, authorization }
      const load: Load = { url, headers: sent, body: JSON.stringify(question), connections, amount }
      const shape = async (): Promise<string> => shapeOf(await askOnce(url, sent)).join(' ')
      return {
        kind: 'timed',
        name,
        role,
        note,
        async setup() {
          for (let i = 0; i < warm; i += 1) await fire(load)
        },
        async run() {
          await server.ask<ServerUsage>('usage')
          const fired = await fire(load)
          const { cpu, peak, base } = await server.ask<ServerUsage>('usage')
          const {
            server: before,
            client,
            wall,
          } = busy.get(name) ?? { server: 0, client: 0, wall: 0 }
          busy.set(name, {
            server: before + cpu,
            client: client + fired.cpu,
            wall: wall + fired.wall,
          })
          await check(amount)
          return { samples: [fired.wall / amount], result: await shape(), memory: { peak, base } }
        },
      }
    }
    let leases = await ours.ask<number>('leases')
    return {
      input: `A question about one GPU for an hour to a catalog of ${offers} offers, with an idempotency key and a token; ${connections} connections, each of which asks again when it is answered, ${amount.toLocaleString('en')} times in all. Each server is a process of its own, and so is autocannon, which asks.`,
      items: { count: 1, name: 'requests' },
      variants: [
        variant(
          'ours',
          'ours',
          '`createServer` as `vm serve` makes it: token, limits, metrics; the decision, and a lease that is on the disk before it is answered. No log lines',
          ours,
          async (fired) => {
            const now = await ours.ask<number>('leases')
            // One for the look at the shape of an answer, and the rounds that warm up.
            if (now < leases + fired) throw new Error(`${now - leases} leases for ${fired} answers`)
            leases = now
          },
        ),
        variant(
          'bare Fastify',
          'floor',
          'one route with the same schemas of body and answer, which gives an answer of ours, always the same: no token, no decision, no lease',
          bare,
          async () => undefined,
        ),
      ],
      notes: [
        'After each sample an answer is held to the answers before, member by member, and the ledger has as many leases more as were answered.',
        'Where autocannon has a core to itself and needs all of it, the server waits for it.',
      ],
      figures: async () =>
        [...busy].map(([name, { server, client, wall }]) => ({
          name: `processor, ${name}`,
          value: `the server ${share(server, wall)}, autocannon ${share(client, wall)}`,
        })),
      async dispose() {
        await ours.end()
        await bare.end()
      },
    }
  },
}
