export const message = 'yours to change'
