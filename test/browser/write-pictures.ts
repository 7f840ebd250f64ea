// `npm run pictures`: takes the pictures of the documentation anew.
//
//   node test/browser/write-pictures.ts [NAME-PATTERN]
//
// A test run takes them too, and writes none.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '../kafka/broker.ts'
import { missingForChromium } from './chromium.ts'

if (missingForChromium !== null) {
  console.error(`no pictures can be taken: ${missingForChromium}`)
  process.exit(4)
}
const fonts = mkdtempSync(join(tmpdir(), 'leeway-fonts-'))
const own = join(import.meta.dirname, '..', '..', 'src', 'delivery', 'charts', 'fonts')
const families = [
  ...['sans-serif', 'sans', 'system-ui'].map((name) => [name, 'Inter']),
  ['monospace', 'DejaVu Sans Mono'],
]
writeFileSync(
  join(fonts, 'fonts.conf'),
  `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${own}</dir><dir>/usr/share/fonts</dir><cachedir>${fonts}</cachedir>
${families.map(([name, own]) => `<match><test name="family"><string>${name}</string></test><edit name="family" mode="prepend" binding="strong"><string>${own}</string></edit></match>`).join('\n')}
</fontconfig>`,
)
// The same letters on every machine.
process.env['FONTCONFIG_FILE'] = join(fonts, 'fonts.conf')

const broker = process.env['LEEWAY_TEST_KAFKA'] === undefined ? await startBroker() : undefined
if (broker !== undefined) process.env['LEEWAY_TEST_KAFKA'] = broker.address
// These read the environment when they are loaded.
const { startWorld } = await import('./world.ts')
const { picturesFolder, takePictures } = await import('./pictures.ts')

const pattern = process.argv[2]
mkdirSync(picturesFolder, { recursive: true })
const world = await startWorld({ withMarkup: false })
try {
  for await (const { name, png } of takePictures(world, pattern === undefined ? undefined : new RegExp(pattern))) {
    writeFileSync(join(picturesFolder, `${name}.png`), png)
    console.log(`docs/images/${name}.png  ${Math.round(png.length / 1024)} KiB`)
  }
} finally {
  await world.close()
  await broker?.stop()
  rmSync(fonts, { recursive: true })
}
process.exit()
