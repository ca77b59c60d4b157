import { z } from 'zod';

const words = z.string().trim().min(1);

/** A text in every language of the interface; lessons and studies bring their own. */
export const wordsSchema = z.strictObject({ en: words, ko: words });
export type Words = z.infer<typeof wordsSchema>;
