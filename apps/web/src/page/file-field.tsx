/** One of the files that the page takes. */
import type { VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { FileUse, HeldFile } from './held-file.ts'
import { revealed, sizeInWords } from './reveal.ts'
import type { Store } from './store.ts'
import { Foreign } from './text.tsx'

const fields: Readonly<Record<FileUse, { label: string; help: string }>> = {
  proof: {
    label: 'The proof',
    help: 'A *.vmproof.json, as “vm memory prove” writes it; or a *.vmfork.json, which shows that a log has forked.',
  },
  policy: {
    label: 'The trust policy',
    help: 'Whom you believe, as “vm trust export” writes it. Get it from somebody you trust, never along with the proof.',
  },
  body: {
    label: 'The body of the record (optional)',
    help: 'The file with the full text, if you have it. A proof holds its digest only.',
  },
}

/** Shows in the browser's own control what is held, however it came here, and nothing else. */
function useMirrored(
  file: HeldFile | undefined,
  busy: boolean,
): { current: HTMLInputElement | null } {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const list = new DataTransfer()
    if (file !== undefined) list.items.add(new File([], revealed(file.name)))
    if (input.current !== null) input.current.files = list.files
  }, [file, busy])
  return input
}

/** A labelled control, and what is held for this use. */
export function FileField({ store, use }: { store: Store; use: FileUse }): VNode {
  const file = store.held.value[use]
  const input = useMirrored(file, store.busy.value)
  const { label, help } = fields[use]
  return (
    <div class="field">
      <label for={use}>{label}</label>
      <input
        ref={input}
        id={use}
        type="file"
        accept=".json,application/json"
        autocomplete="off"
        aria-describedby={`${use}-help`}
        onChange={({ currentTarget }) => void store.take([...(currentTarget.files ?? [])], use)}
      />
      <small id={`${use}-help`}>{help}</small>
      {file === undefined ? null : (
        <p class="held" id={`${use}-held`}>
          Held: <Foreign text={file.name} />, {sizeInWords(file.bytes.length)}
          {file.chosen ? '' : ', named by the address of this page'}{' '}
          <button type="button" onClick={() => void store.forget(use)}>
            Let go<span class="aside"> of {label.toLowerCase()}</span>
          </button>
        </p>
      )}
    </div>
  )
}
