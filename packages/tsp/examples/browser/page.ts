/** The page: takes the files, and shows the report. */
import type { TimestampCheck } from '@vaultmesh/tsp'
import { describeAbilities } from './abilities.ts'
import { explanations, statusWords } from './explain.ts'
import { type FileUse, guessUse } from './files.ts'
import { type Chosen, judge, type Report } from './judge.ts'

function find<E extends Element>(selector: string, type: new () => E): E {
  const element = document.querySelector(selector)
  if (element instanceof type) return element
  throw new Error(`the page has no ${selector}`)
}

const form = find('form', HTMLFormElement)
const fields = find('fieldset', HTMLFieldSetElement)
const status = find('#verdict', HTMLElement)
const progress = find('progress', HTMLProgressElement)
const result = find('#result', HTMLElement)
const inputOf = (use: FileUse): HTMLInputElement => find(`#${use}`, HTMLInputElement)

function create(name: string, text: string, attributes: Record<string, string> = {}): HTMLElement {
  const element = document.createElement(name)
  element.textContent = text
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  return element
}

function rowOf({ id, status: found, detail, reference }: TimestampCheck): HTMLElement {
  const row = create('tr', '')
  row.append(
    create('th', id, { scope: 'row' }),
    create('td', statusWords[found], { 'data-status': found }),
    create('td', explanations[id]),
    create('td', detail),
    create('td', reference),
  )
  return row
}

function show({ outcome, headline, facts, checks }: Report): void {
  find('dl', HTMLElement).replaceChildren(
    ...facts.flatMap(([term, text]) => [create('dt', term), create('dd', text)]),
  )
  find('tbody', HTMLElement).replaceChildren(...checks.map(rowOf))
  find('table', HTMLElement).hidden = checks.length === 0
  result.hidden = facts.length === 0
  status.dataset['outcome'] = outcome
  status.textContent = headline
}

function chosen(): Chosen | undefined {
  const [data, stamp, root] = (['data', 'stamp', 'root'] as const).map(
    (use) => inputOf(use).files?.[0],
  )
  if (data === undefined || stamp === undefined || root === undefined) return undefined
  return { data, stamp, root }
}

async function check(files: Chosen): Promise<void> {
  fields.disabled = true
  result.hidden = true
  delete status.dataset['outcome']
  status.textContent = `Checking ${files.data.name}…`
  progress.hidden = false
  try {
    const size = Math.max(files.data.size, 1)
    show(
      await judge(files, (read) => {
        progress.value = read / size
      }),
    )
  } catch (error) {
    show({
      ...{ outcome: 'refused', facts: [], checks: [] },
      headline: `Not judged: a file can't be read (${String(error)}).`,
    })
  } finally {
    progress.hidden = true
    progress.value = 0
    fields.disabled = false
  }
}

/** Puts dropped files where they belong, and checks once all three are there. */
async function take(files: readonly File[]): Promise<void> {
  for (const file of files) {
    const list = new DataTransfer()
    list.items.add(file)
    inputOf(await guessUse(file)).files = list.files
  }
  const all = chosen()
  if (all !== undefined) await check(all)
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const files = chosen()
  if (files !== undefined) void check(files)
})

document.addEventListener('dragover', (event) => event.preventDefault())
document.addEventListener('drop', (event) => {
  // A file dropped on one of the inputs is meant for that one, and the browser puts it there.
  if (event.target instanceof HTMLInputElement) return
  event.preventDefault()
  if (!fields.disabled) void take([...(event.dataTransfer?.files ?? [])])
})

if (globalThis.isSecureContext) {
  find('#abilities', HTMLElement).textContent = await describeAbilities()
} else {
  fields.disabled = true
  status.textContent =
    'This page was loaded without TLS, and browsers have no cryptography for such pages.'
}
