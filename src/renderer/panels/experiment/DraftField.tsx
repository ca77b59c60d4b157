import type { Draft } from '../../state/draft';
import { edit, useFieldIssue } from '../../state/workbench';
import { TextField } from '../../ui/Field';

interface DraftFieldProps {
  label: string;
  /** Path in the draft; issues and undo are kept by it. */
  path: string;
  value: string;
  change(draft: Draft, value: string): Draft;
  hint?: string | undefined;
  suffix?: string;
  placeholder?: string;
  text?: boolean;
  multiline?: boolean;
  hideLabel?: boolean;
}

/** A field of the experiment with its issue beside it. */
export function DraftField({ path, value, change, text = false, ...rest }: DraftFieldProps) {
  const issue = useFieldIssue(path);
  return (
    <TextField
      {...rest}
      path={path}
      value={value}
      numeric={!text}
      issue={issue}
      onChange={(typed) => edit(path, (draft) => change(draft, typed))}
    />
  );
}
