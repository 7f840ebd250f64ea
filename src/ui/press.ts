// What a press of a button means.

/** Enter that is held presses again and again: what has come under the focus since was not meant. In a text it makes lines. */
export function letNoHeldKeyPress(event: KeyboardEvent): void {
  if (event.key === 'Enter' && event.repeat && !(event.target instanceof HTMLTextAreaElement)) event.preventDefault()
}

/** The second click of a double click was not meant for what has come under the pointer since the first. */
export function isSecondOfTwo({ detail }: Pick<MouseEvent, 'detail'>): boolean {
  return detail > 1
}
