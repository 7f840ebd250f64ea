// Whose token it is that a request carries, so that a page offers what will work, and says what is needed for the rest.

import type { ReadRoute } from './route.ts'

/** @param hasTokens whether tokens are configured: nothing can be changed while none are */
export function meRoute(hasTokens: () => boolean): ReadRoute {
  return {
    method: 'GET',
    path: '/api/v1/me',
    query: {},
    // Who may not read learns from it that a token is needed.
    needs: 'probe',
    handle: ({ by, mayRead }) => ({
      status: 200,
      json: { name: by?.name ?? null, role: by?.role ?? null, mayRead, hasTokens: hasTokens() },
    }),
  }
}
