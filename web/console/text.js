import { speaker } from '../page/language.js';
import { actionWords } from './words/actions.js';
import { fieldWords } from './words/fields.js';
import { frameWords } from './words/frame.js';
import { pageWords } from './words/pages.js';

/** Every word a person reads in the console, in English and Chinese; what the server says stays as it says it. */
export const words = { ...frameWords, ...pageWords, ...fieldWords, ...actionWords };

export const { say, has, writeWords } = speaker(words);
