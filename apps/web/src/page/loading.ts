/** For programs that print a page as soon as it is loaded (`chromium --headless --dump-dom`). */

/**
 * Keeps the page in the state of loading until `work` has ended. A document counts as loaded only
 * when its frames are, and a frame that is being written to is not.
 */
export async function whileLoading(page: Document, work: Promise<void>): Promise<void> {
  const frame = page.createElement('iframe')
  frame.hidden = true
  page.body.append(frame)
  frame.contentDocument?.open()
  try {
    await work
  } finally {
    frame.contentDocument?.close()
    frame.remove()
  }
}
