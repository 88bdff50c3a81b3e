/** Logs and witnesses as Fastify plugins. Needs `fastify`, which is an optional peer. */
export { matchesTag } from './fastify/negotiation.ts'
export { type StaticLogOptions, staticLog } from './fastify/static.ts'
export { type WitnessPluginOptions, type WitnessStore, witness } from './fastify/witness.ts'
