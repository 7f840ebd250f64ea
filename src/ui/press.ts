// What a press of a button means.

/** The second click of a double click was not meant for what has come under the pointer since the first. */
export function isSecondOfTwo({ detail }: Pick<MouseEvent, 'detail'>): boolean {
  return detail > 1
}
