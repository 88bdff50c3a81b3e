export { type FederationPluginOptions, federation } from './fastify/plugin.ts'
