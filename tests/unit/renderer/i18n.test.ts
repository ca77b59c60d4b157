import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import en from '../../../src/renderer/i18n/en.json';
import ko from '../../../src/renderer/i18n/ko.json';

type Tree = { [key: string]: string | Tree };

function flatten(tree: Tree, prefix = ''): Map<string, string> {
  const leaves = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') leaves.set(prefix + key, value);
    else for (const [path, text] of flatten(value, `${prefix}${key}.`)) leaves.set(path, text);
  }
  return leaves;
}

/** Plural forms are one text: English has two, Korean one. The catalog's English comes from the engine. */
const base = (key: string) => key.replace(/_(one|other)$/, '');
const english = flatten(en);
const korean = new Map([...flatten(ko)].filter(([key]) => !key.startsWith('catalog.')));
const keysOf = (texts: Map<string, string>) => [...new Set([...texts.keys()].map(base))].sort();

function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sources(path);
      return /\.tsx?$/.test(entry.name) ? readFileSync(path, 'utf8') : '';
    })
    .join('\n');
}
const source = sources(resolve(import.meta.dirname, '../../../src/renderer'));

test('no text is missing in either language', () => {
  expect(keysOf(korean)).toEqual(keysOf(english));
  for (const [key, text] of [...english, ...flatten(ko)]) expect(text.trim(), key).not.toBe('');
});

test('both languages name the same values', () => {
  const values = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort();
  for (const [key, text] of korean) {
    const original = english.get(key) ?? english.get(`${key}_other`);
    // The count itself may be spelled out in one of them.
    const named = (value: string) => values(value).filter((name) => name !== 'count');
    expect(named(text), key).toEqual(named(original ?? ''));
  }
});

test('every text is used somewhere', () => {
  const templates = [...source.matchAll(/`([\w.]*\.)\$\{[^`]*?\}([\w.]*)`/g)].map(([, head = '', tail = '']) => ({
    head,
    tail,
  }));
  const unused = keysOf(english).filter(
    (key) =>
      !source.includes(`'${key}'`) &&
      !templates.some(({ head, tail }) => key.startsWith(head) && key.endsWith(tail) && head !== ''),
  );
  expect(unused).toEqual([]);
});

test('every text asked for exists', () => {
  const known = new Set(keysOf(english));
  const asked = [...source.matchAll(/\bt\(\s*'([\w.]+)'/g)].map(([, key = '']) => key);
  expect(asked.length).toBeGreaterThan(100);
  expect(asked.filter((key) => !known.has(key))).toEqual([]);
});

test('Korean texts are Korean', () => {
  const symbols = /^[\d\s\p{P}\p{S}A-Za-z{}₀-₉⁰-⁹α-ωᵀ]*$/u;
  const latin = [...korean].filter(([, text]) => symbols.test(text)).map(([key]) => key);
  const names =
    /^(activation|colorMap|export|initializer|language|objective\.expressionText|unit|announce|inspection\.runs)/;
  expect(latin.filter((key) => !names.test(key))).toEqual([]);
});
