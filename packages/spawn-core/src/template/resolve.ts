/** Which template is meant, and whether it may be used. */
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { SpawnError } from '../errors.ts'
import { byCodeUnit } from '../json.ts'
import { labelProblem, show } from '../names.ts'
import { packageFolder } from '../package-folder.ts'
import { readTemplate, type Template } from './load.ts'

/** A template that did not come with this package. */
export interface TemplateDirectory {
  /** The folder that holds `template.yaml`. */
  readonly directory: string
  /** `sha256:` and hex: what {@link Template.digest} must be. */
  readonly digest?: string
  /** Takes the template whatever its digest. Its tags are JavaScript, and will run. */
  readonly trust?: boolean
}

/** A template that comes with this package. */
export interface TemplateSummary {
  readonly id: string
  readonly version: string
  readonly description: string
  readonly language: string
  /** `sha256:` and hex. */
  readonly digest: string
}

const builtinFolder = (): string => join(packageFolder(), 'templates')

async function builtinIds(): Promise<string[]> {
  const entries = await readdir(builtinFolder(), { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && labelProblem(entry.name) === undefined)
    .map(({ name }) => name)
    .sort(byCodeUnit)
}

async function loadBuiltin(id: string): Promise<Template> {
  const ids = await builtinIds()
  if (!ids.includes(id)) {
    throw new SpawnError(
      'TEMPLATE_UNKNOWN',
      `There is no template ${show(id)}. The templates are: ${ids.join(', ')}.`,
    )
  }
  const template = await readTemplate(join(builtinFolder(), id))
  if (template.definition.id !== id) {
    throw new SpawnError('TEMPLATE_INVALID', `The folder ${id} holds ${template.definition.id}.`)
  }
  return template
}

async function loadDirectory(source: TemplateDirectory): Promise<Template> {
  const directory = resolve(source.directory)
  const template = await readTemplate(directory)
  if (source.digest !== undefined && source.digest !== template.digest) {
    throw new SpawnError(
      'TEMPLATE_UNTRUSTED',
      `The template in ${directory} has the digest ${template.digest}, not ${show(source.digest)}. Read what changed before you use it.`,
    )
  }
  if (source.digest === undefined && source.trust !== true) {
    throw new SpawnError(
      'TEMPLATE_UNTRUSTED',
      `The tags of a template run as JavaScript, and nobody vouched for ${directory}. Read it, then load it with its digest, ${template.digest}.`,
    )
  }
  return template
}

/**
 * Reads a template wholly into memory: one that comes with this package by its id, any other from
 * its folder, with the digest that it must have or with `trust`.
 *
 * Throws `TEMPLATE_UNKNOWN`, `TEMPLATE_INVALID` or `TEMPLATE_UNTRUSTED`.
 */
export function loadTemplate(source: string | TemplateDirectory): Promise<Template> {
  return typeof source === 'string' ? loadBuiltin(source) : loadDirectory(source)
}

/** The templates that come with this package, sorted by id. */
export async function builtinTemplates(): Promise<TemplateSummary[]> {
  const templates = await Promise.all((await builtinIds()).map(loadBuiltin))
  return templates.map(({ digest, definition: { id, version, description, language } }) => ({
    id,
    version,
    description,
    language,
    digest,
  }))
}
