// Makes pictures/ and the sellers' feeds again from the vendors' npm packages, for the emoji that names.csv lists.
//
//   mkdir /tmp/vendors && cd /tmp/vendors
//   npm install emoji-datasource-google@16.0.0 emoji-datasource-twitter@16.0.0 \
//               @iconify-json/openmoji@1.2.29 @lobehub/fluent-emoji-3d@1.1.0 sharp@0.35.5
//   node .../infra/demo/make-pictures.mjs /tmp/vendors/node_modules
//
// Each picture is drawn on white, as a square PNG of at most 256 colours. Google's and Twitter's sets come as 64 px PNGs and keep
// that size; the other two are drawn at sizes of their own, because sellers do not agree on sizes either.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const packages = process.argv[2];
if (!packages) {
  console.error('usage: node make-pictures.mjs NODE_MODULES');
  process.exit(2);
}
const here = path.dirname(fileURLToPath(import.meta.url));
const sharp = createRequire(path.resolve(packages, 'from-here.js'))('sharp');
const readJson = file => JSON.parse(fs.readFileSync(path.join(packages, file), 'utf8'));
const withoutSelectors = codePoint => codePoint.toLowerCase().replaceAll('-fe0f', '');

const emoji = new Map(readJson('emoji-datasource-google/emoji.json').map(e => [e.unified.toLowerCase(), e]));
const openmoji = readJson('@iconify-json/openmoji/icons.json');
const openmojiNames = new Map(
  Object.entries(readJson('@iconify-json/openmoji/chars.json')).map(([codePoint, name]) => [withoutSelectors(codePoint), name]));

/** A file's bytes, or null where the vendor has no picture of the emoji. */
const fileOrNull = (...candidates) => {
  const found = candidates.map(c => path.join(packages, c)).find(c => fs.existsSync(c));
  return found ? fs.readFileSync(found) : null;
};

const drawOpenmoji = codePoint => {
  const name = openmojiNames.get(withoutSelectors(codePoint));
  const icon = name && (openmoji.icons[name] ?? openmoji.icons[openmoji.aliases[name].parent]);
  if (!icon) return null;
  const box = [icon.left ?? 0, icon.top ?? 0, icon.width ?? openmoji.width, icon.height ?? openmoji.height].join(' ');
  return Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="384" height="384" '
    + `viewBox="${box}">${icon.body.replaceAll('currentColor', '#000')}</svg>`);
};

const vendors = [
  { vendor: 'google', source: 'noto', size: 64,
    read: c => fileOrNull(`emoji-datasource-google/img/google/64/${emoji.get(c).image}`) },
  { vendor: 'twitter', source: 'twemoji', size: 64,
    read: c => fileOrNull(`emoji-datasource-twitter/img/twitter/64/${emoji.get(c).image}`) },
  { vendor: 'openmoji', source: 'openmoji', size: 96, read: drawOpenmoji },
  { vendor: 'fluent3d', source: 'fluent', size: 72,
    read: c => fileOrNull(...[c, withoutSelectors(c)].map(name => `@lobehub/fluent-emoji-3d/assets/${name}.webp`)) },
];

const draw = async (bytes, size, file) => {
  const pixels = await sharp(bytes)
    .resize(size, size, { fit: 'contain', background: { r: 255, g: 255, b: 255, alpha: 0 } })
    .flatten({ background: '#ffffff' }).removeAlpha().toColourspace('srgb').raw().toBuffer();
  // Two steps, because flattening and encoding in one would let the encoder keep an alpha channel for some inputs.
  await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .png({ palette: true, compressionLevel: 9, effort: 10 }).toFile(file);
};

const codePoints = fs.readFileSync(path.join(here, 'names.csv'), 'utf8').trim().split('\n').slice(1).map(line => line.split(',')[0]);
fs.rmSync(path.join(here, 'pictures'), { recursive: true, force: true });

for (const { vendor, source, size, read } of vendors) {
  // Beside pictures/, because a feed's files lie below its own folder.
  const rows = ['external_id,uri,product_key,key_scope'];
  for (const codePoint of codePoints) {
    const bytes = read(codePoint);
    if (!bytes) continue;
    const folder = path.join(here, 'pictures', codePoint);
    fs.mkdirSync(folder, { recursive: true });
    await draw(bytes, size, path.join(folder, `${vendor}.png`));
    rows.push(`${codePoint},pictures/${codePoint}/${vendor}.png,${codePoint},global`);
  }
  fs.writeFileSync(path.join(here, `${source}.csv`), rows.join('\n') + '\n');
  console.log(`${source}: ${rows.length - 1} pictures of ${size} px`);
}
