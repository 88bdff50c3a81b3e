import type { FastifyInstance } from 'fastify'
import type { Service } from './service.ts'

const serviceSchema = {
  type: 'object',
  required: ['name', 'version'],
  properties: { name: { type: 'string' }, version: { type: 'string' } },
}

/** The API of this service. Give each route a schema: it validates input and filters output. */
export function addRoutes(app: FastifyInstance, service: Service): void {
  app.get('/', { schema: { response: { 200: serviceSchema } } }, async () => service)
}
