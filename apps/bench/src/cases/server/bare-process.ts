/**
 * Fastify and nothing else: `node bare-process.ts FILE`. Takes the same body at the same path by the
 * same schema, and answers with the same document by the same schema, each time the same one.
 */
import { readFileSync } from 'node:fs'
import { fastify } from 'fastify'
import { serve } from './answering.ts'
import type { RouteContract } from './route.ts'

const [file = ''] = process.argv.slice(2)
const { path, body, answer, example }: RouteContract = JSON.parse(readFileSync(file, 'utf8'))
const app = fastify()
app.post(path, { schema: { body, response: { 200: answer } } }, async () => example)
await serve(app, {})
