import { config } from 'zod';

// Loaded before everything else: schemas ask once, as they are made, whether they may compile themselves with
// `new Function`, and under a page's content security policy already the question is a violation.
config({ jitless: true });
