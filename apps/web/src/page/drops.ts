/** Files that are dropped anywhere on the page. */

/** Calls `take` with what is dropped. While files are dragged over it, the body has `data-dragging`. */
export function watchDrops(page: Document, take: (files: readonly File[]) => void): void {
  const { dataset } = page.body
  page.addEventListener('dragover', (event) => {
    // Without this the browser would open the file in place of the page.
    event.preventDefault()
    dataset['dragging'] = ''
  })
  page.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) delete dataset['dragging']
  })
  page.addEventListener('drop', (event) => {
    delete dataset['dragging']
    // A file dropped on one of the controls is meant for that one, and the browser puts it there.
    if (event.target instanceof HTMLInputElement && event.target.type === 'file') return
    event.preventDefault()
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length > 0) take(files)
  })
}
