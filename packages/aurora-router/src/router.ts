/** Decides and leases in one: what `vm serve` and the MCP server route with. Needs Node. */

export { type Receipt, receiptOf } from './router/receipt.ts'
export {
  openRouter,
  type Routed,
  type RouteOptions,
  Router,
  type RouterOptions,
} from './router/router.ts'
export { withLeased } from './router/stock.ts'
