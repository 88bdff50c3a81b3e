/** Fastify and nothing else: one path, one entity tag, and 304 to whoever has it. */
import { fastify } from 'fastify'
import { serve } from '../server/answering.ts'

const tag = '"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"'
const app = fastify()
app.get('/federation/v1/heads', async (request, reply) => {
  reply.header('etag', tag).header('cache-control', 'no-cache')
  if (request.headers['if-none-match'] === tag) return reply.code(304).send()
  return { logs: [] }
})
await serve(app, { tag })
