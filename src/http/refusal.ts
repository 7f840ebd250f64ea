/** Why a request or a connection was not served; the label of a metric. */
export type Refusal =
  | 'busy'
  | 'body'
  | 'connections'
  | 'cross_site'
  | 'forbidden'
  | 'host'
  | 'malformed'
  | 'rate'
  | 'slow'
  | 'unauthenticated'
