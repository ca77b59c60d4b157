import { basename, extname } from 'node:path';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter';
import { frontmatter } from 'micromark-extension-frontmatter';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { badInput } from '../../shared/errors';
import { type Lesson, lessonSchema } from '../../shared/model/lesson';

type Path = readonly PropertyKey[];

export interface ParsedLesson {
  lesson: Lesson;
  /** Where something of the lesson is written, counted from 1; where it is left out, what it would belong to. */
  lineOf(path: Path): number;
}

type Block = ReturnType<typeof fromMarkdown>['children'][number];

/** Values that were read from YAML, and the lines they came from. */
interface Source {
  value: Record<string, unknown>;
  lineOf(path: Path): number;
}

const languages = ['en', 'ko'] as const;

/**
 * Reads a lesson: YAML front matter, then for each step a heading `## id`, a block ```yaml with its data, and the text
 * under `### en` and `### ko` in Markdown with $TeX$. The form of everything is `lessonSchema`; names of studies and
 * their parameters are not looked at here.
 *
 * @param file its name without the ending is the lesson's
 * @throws UserError (badInput) with the file, the line and the value
 */
export function parseLesson(file: string, text: string): ParsedLesson {
  const { children } = fromMarkdown(text, {
    extensions: [frontmatter('yaml')],
    mdastExtensions: [frontmatterFromMarkdown('yaml')],
  });
  const fail = (line: number, message: string, cure?: string) =>
    badInput(`${basename(file)}, line ${line}: ${message}`, cure);
  const [head, ...rest] = children;
  if (head?.type !== 'yaml') {
    throw fail(
      1,
      'the lesson does not begin with its data between two lines of ---.',
      'Copy the head of a lesson that came with the app.',
    );
  }
  const front = readYaml(head.value, lineOf(head) + 1, fail);

  const steps: Source[] = [];
  for (const section of sections(rest, 2)) {
    if (!section.title) {
      throw fail(lineOf(section.blocks[0]!), 'text stands before the first step.', 'Begin a step with "## its-name".');
    }
    steps.push(readStep(section, text, fail));
  }

  const name = basename(file, extname(file));
  const parsed = lessonSchema.safeParse({ ...front.value, name, steps: steps.map(({ value }) => value) });
  const place = (path: Path): number => {
    const [first, index, ...within] = path;
    if (first !== 'steps') return front.lineOf(path);
    const step = steps[Number(index)];
    return step ? step.lineOf(within) : front.lineOf([]);
  };
  if (parsed.success) return { lesson: parsed.data, lineOf: place };
  const issue = parsed.error.issues[0]!;
  if (issue.path[0] === 'name') {
    throw badInput(`"${basename(file)}" cannot name a lesson: "${name}" ${issue.message}.`, 'Rename the file.');
  }
  const [first, index, ...within] = issue.path;
  const step = first === 'steps' && steps[Number(index)];
  const where = step ? `step "${String(step.value.id)}", ${within.join('.')}` : issue.path.join('.');
  throw fail(place(issue.path), `${where}: ${issue.message}.`);
}

interface MarkdownSection {
  /** The heading's words; null for what stands before the first. */
  title: string | null;
  line: number;
  blocks: Block[];
}

/** Blocks under the headings of one depth. */
function sections(blocks: readonly Block[], depth: number): MarkdownSection[] {
  const found: MarkdownSection[] = [];
  for (const block of blocks) {
    if (block.type === 'heading' && block.depth === depth) {
      const title = block.children.map((child) => ('value' in child ? child.value : '')).join('');
      found.push({ title: title.trim(), line: lineOf(block), blocks: [] });
    } else {
      if (found.length === 0) found.push({ title: null, line: lineOf(block), blocks: [] });
      found.at(-1)!.blocks.push(block);
    }
  }
  return found;
}

type Fail = (line: number, message: string, cure?: string) => Error;

function readStep({ title: id, line, blocks }: MarkdownSection, text: string, fail: Fail): Source {
  const parts = sections(blocks, 3);
  const before = parts[0]?.title === null ? parts.shift()!.blocks : [];
  const code = before.find((block) => block.type === 'code');
  if (code?.type !== 'code' || code.lang !== 'yaml') {
    throw fail(
      line,
      `step "${id}" has no block of data.`,
      'Put a block ```yaml with at least its title under the heading.',
    );
  }
  const stray = before.find((block) => block !== code);
  if (stray)
    throw fail(lineOf(stray), `step "${id}" has text without a language.`, 'Put it under "### en" or "### ko".');
  const data = readYaml(code.value, lineOf(code) + 1, fail);
  const body: Record<string, string> = {};
  for (const part of parts) {
    const language = languages.find((one) => one === part.title);
    if (!language || language in body) {
      const what = language ? 'stands there twice' : 'is none of the languages';
      throw fail(
        part.line,
        `"${part.title}" ${what}.`,
        `The text of a step stands under ${languages.map((one) => `"### ${one}"`).join(' and ')}, once each.`,
      );
    }
    body[language] = slice(text, part.blocks);
  }
  const bodyLine = (language: PropertyKey | undefined) => parts.find(({ title }) => title === language)?.line ?? line;
  return {
    value: { ...data.value, id, body },
    lineOf: (path) => {
      switch (path[0]) {
        case 'id':
          return line;
        case 'body':
          return bodyLine(path[1]);
        default:
          return data.lineOf(path);
      }
    },
  };
}

const lineOf = (block: Block): number => block.position?.start.line ?? 1;

function slice(text: string, blocks: readonly Block[]): string {
  const from = blocks[0]?.position?.start.offset ?? 0;
  const to = blocks.at(-1)?.position?.end.offset ?? 0;
  return text.slice(from, to);
}

/** @param firstLine of the YAML in its file */
function readYaml(source: string, firstLine: number, fail: Fail): Source {
  const counter = new LineCounter();
  const document = parseDocument(source, { lineCounter: counter });
  const lineAt = (offset: number) => firstLine + counter.linePos(offset).line - 1;
  const error = document.errors[0];
  if (error) {
    const [message] = error.message.split(/ at line \d/);
    throw fail(
      lineAt(error.pos[0]),
      `${message}.`,
      'Text with ": " or that begins with a sign of YAML stands in quotes.',
    );
  }
  const value: unknown = document.toJS();
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw fail(firstLine, 'the data are not "name: value" lines.');
  }
  return {
    value: value as Record<string, unknown>,
    lineOf: (path) => lineAt(offsetOf(document, path)),
  };
}

/** Where the node of a path begins, or the nearest thing that holds it. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
