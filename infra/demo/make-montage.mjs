// Makes groups.png: some match groups that the demonstration found after its night.
//
//   infra/cpf groups --format json >groups.json        # after infra/cpf demo
//   node infra/demo/make-montage.mjs groups.json .cpf/demo/copies
//
// A headless Chromium draws the page (CPF_CHROMIUM names another one). The groups are looked up by their ids; ids are made from
// the pictures' bytes, so they are the same on every machine. A group that is not in the file any more is an error.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [groupsFile, copies] = process.argv.slice(2);
if (!copies) {
  console.error('usage: node make-montage.mjs GROUPS.json COPIES_FOLDER');
  process.exit(2);
}
const here = path.dirname(fileURLToPath(import.meta.url));

// Five groups that are right, and the last one that is wrong: two products that look alike.
const shown = [
  '150636882203566516', // car
  '368572450636338536', // tulip
  '503764190900443302', // strawberry
  '71878629520750337', // keyboard
  '241958358196431608', // duck
  '1643314217905144187', // folders, open and closed
];
const files = { noto: 'google', twemoji: 'twitter', openmoji: 'openmoji', fluent: 'fluent3d' };

// Ids have more digits than a JavaScript number keeps: they are read as strings.
const json = fs.readFileSync(groupsFile, 'utf8').replace(/"(group_id|model_id)":(\d+)/g, '"$1":"$2"');
const groups = new Map(JSON.parse(json).map(g => [g.group_id, g]));
const names = new Map(fs.readFileSync(path.join(here, 'names.csv'), 'utf8').split('\n').map(line => line.split(',').slice(0, 2)));

/** The picture of a member: a vendor's own, or the reseller's edited copy of one. */
const pictureOf = ({ source, external_id: id }) => {
  if (source !== 'reseller') return path.join(here, 'pictures', id, `${files[source]}.png`);
  const [codePoints, name] = id.split('/');
  const [vendor, edit] = name.split('~');
  return path.join(copies, codePoints, `${files[vendor]}~${edit}.jpg`);
};

const figure = member => {
  const file = pictureOf(member);
  const kind = file.endsWith('.png') ? 'png' : 'jpeg';
  return `<figure><img src="data:image/${kind};base64,${fs.readFileSync(file).toString('base64')}"><figcaption>${member.source}</figcaption></figure>`;
};

const section = id => {
  const group = groups.get(id);
  if (!group) throw new Error(`${groupsFile} has no group ${id}`);
  const products = [...new Set(group.members.map(m => names.get(m.product_key).replaceAll('_', ' ')))];
  return `<section><h2>group ${id}: ${products.join(' and ')}</h2>${group.members.map(figure).join('')}</section>`;
};

const page = `<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; background: #fff; font: 12px "DejaVu Sans", sans-serif; color: #333; display: grid; grid-template-columns: 490px 490px; gap: 10px; padding: 10px }
  section { border: 1px solid #ccc; border-radius: 6px; padding: 6px 8px }
  h2 { font-size: 12px; margin: 0 0 6px } figure { display: inline-block; width: 76px; margin: 0; text-align: center }
  img { width: 64px; height: 64px; object-fit: contain } figcaption { font-size: 10px; color: #777 }
</style>${shown.map(section).join('')}`;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'montage-'));
try {
  const html = path.join(folder, 'page.html');
  fs.writeFileSync(html, page);
  execFileSync(process.env.CPF_CHROMIUM ?? 'chromium', [
    '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', `--user-data-dir=${folder}/profile`, '--window-size=1010,390',
    `--screenshot=${path.join(here, 'groups.png')}`, pathToFileURL(html).href,
  ], { stdio: 'ignore' });
} finally {
  fs.rmSync(folder, { recursive: true });
}
