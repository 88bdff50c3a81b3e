import type { FileSystem, WritableFile } from '../../src/fs.ts'

/** One operation on the file system, before it happens. */
export interface Operation {
  /** Counted from 0. */
  readonly number: number
  readonly name: keyof FileSystem | 'write' | 'sync' | 'close'
  readonly path: string
}

/** What to do with an operation: `act` does it. A thrown error is the operation's. */
export type Intercept = (
  operation: Operation,
  act: (share?: number) => Promise<unknown>,
) => Promise<unknown>

/** A file system on which each operation passes through `intercept`. */
export function interceptedFileSystem(inner: FileSystem, intercept: Intercept): FileSystem {
  let count = 0
  async function pass<T>(
    name: Operation['name'],
    path: string,
    act: (share?: number) => Promise<T>,
  ): Promise<T> {
    let done: { readonly result: T } | undefined
    const operation = { number: count, name, path }
    count += 1
    await intercept(operation, async (share) => {
      done = { result: await act(share) }
    })
    if (done === undefined) throw new Error(`operation ${operation.number} was not done`)
    return done.result
  }
  const writable = (path: string, file: WritableFile): WritableFile => ({
    write: (bytes, at) =>
      pass('write', path, (share = 1) =>
        file.write(bytes.subarray(0, Math.floor(bytes.length * share)), at),
      ),
    sync: () => pass('sync', path, () => file.sync()),
    close: () => pass('close', path, () => file.close()),
  })
  return {
    read: (path, limit) => pass('read', path, () => inner.read(path, limit)),
    list: (path) => pass('list', path, () => inner.list(path)),
    rename: (from, to) => pass('rename', to, () => inner.rename(from, to)),
    remove: (path) => pass('remove', path, () => inner.remove(path)),
    makeDirectory: (path, mode) =>
      pass('makeDirectory', path, () => inner.makeDirectory(path, mode)),
    syncDirectory: (path) => pass('syncDirectory', path, () => inner.syncDirectory(path)),
    create: async (path) => writable(path, await pass('create', path, () => inner.create(path))),
    update: async (path) => writable(path, await pass('update', path, () => inner.update(path))),
  }
}

/** An error as the system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code })
}
