import 'katex/dist/katex.min.css';
import ReactMarkdown, { type Components, type Options } from 'react-markdown';
import rehypeKatex from 'rehype-katex';
import remarkGfm from 'remark-gfm';
import remarkMath from 'remark-math';

const remarkPlugins: Options['remarkPlugins'] = [remarkGfm, remarkMath];
/** Formulas hold Korean words here and there; what KaTeX cannot read is shown in red, not thrown. */
const rehypePlugins: Options['rehypePlugins'] = [[rehypeKatex, { strict: false, throwOnError: false }]];

const table: Components['table'] = ({ children }) => (
  <div className="table-scroll">
    <table className="study-table">{children}</table>
  </div>
);
const blocks: Components = { table };
const inline: Components = { p: ({ children }) => children };

interface MarkdownProps {
  text: string;
  /** Without the paragraph around it. */
  inline?: boolean;
}

/** A lesson's text: Markdown with $TeX$, without HTML and pictures from elsewhere. */
export function Markdown({ text, inline: bare = false }: MarkdownProps) {
  return (
    <ReactMarkdown
      skipHtml
      disallowedElements={['img']}
      remarkPlugins={remarkPlugins}
      rehypePlugins={rehypePlugins}
      components={bare ? inline : blocks}
    >
      {text}
    </ReactMarkdown>
  );
}

/** One formula in a line of text. */
export const Tex = ({ formula }: { formula: string }) => <Markdown inline text={`$${formula}$`} />;
