/** Names of what passes between the window and the main process. */
export const channels = {
  toEngine: 'engine/send',
  fromEngine: 'engine/message',
  menu: 'menu/command',
  saveFile: 'file/save',
} as const;

/** Answer to `saveFile`: null when the person cancelled. */
export type SaveAnswer = { path: string | null } | { error: string };
