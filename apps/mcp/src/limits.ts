/** How much is taken, and how much is given out at once: an agent's context is small. */

/** Items of one page. */
export const maxPage = 50

/** Items of a page where nobody says how many. */
export const usualPage = 20

/** UTF-16 units of a body that one answer holds. */
export const maxBodyPart: number = 16_000

/** UTF-16 units of a query. */
export const maxQuery = 512

/** UTF-16 units of a proof: JSON text, or base64 of it. `vm verify` takes greater ones. */
export const maxProof: number = 1024 * 1024

/** UTF-16 units of the text of a decision. */
export const maxDecisionText: number = 64 * 1024

/** Bytes of one message. */
export const maxMessage: number = 4 * 1024 * 1024

/** Items and members in the arguments of one call. */
export const maxElements = 500
