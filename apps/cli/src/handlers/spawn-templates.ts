import { builtinTemplates } from '@vaultmesh/spawn-core'
import type { Handler } from '../command.ts'
import type { spawnTemplatesArguments } from '../commands/spawn.ts'
import { toned } from '../text.ts'

/** `vm spawn templates` */
export const run: Handler<typeof spawnTemplatesArguments> = async () => {
  const templates = await builtinTemplates()
  const width = Math.max(0, ...templates.map(({ id }) => id.length))
  return {
    json: templates.map(({ description, digest, id, language, version }) => ({
      description,
      digest,
      id,
      language,
      version,
    })),
    text: templates.map(({ id, version, description }) => [
      toned('strong', id.padEnd(width)),
      `  ${version}  ${description}`,
    ]),
    next: ['vm spawn create NAME --template T --dry-run'],
  }
}
