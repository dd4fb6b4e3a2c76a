// Lints the OpenAPI document under Redocly's recommended rules: any problem fails, a warning too.
import { createConfig, formatProblems, lint } from '@redocly/openapi-core';
import { fileURLToPath } from 'node:url';

// What the rules can't know of the API, each by its rule and the place of the problem.
const KNOWN = new Map([
  // An id is a UUID, so `username` is none, and the paths never meet.
  ['no-ambiguous-paths', ['/paths/~1api~1v1~1users~1{id}~1avatar', '/paths/~1api~1v1~1users~1{id}~1block', '/paths/~1api~1v1~1users~1username~1{username}']],
  // A WebSocket opens with 101.
  ['operation-2xx-response', ['/paths/~1api~1v1~1ws/get/responses']],
]);

const config = await createConfig({ extends: ['recommended'] });
const problems = await lint({ ref: fileURLToPath(new URL('../openapi.json', import.meta.url)), config });
const isKnown = ({ ruleId, location }) => KNOWN.get(ruleId)?.some((place) => location[0].pointer === `#${place}`);
const unknown = problems.filter((problem) => !isKnown(problem));
formatProblems(unknown, { totals: { errors: unknown.length, warnings: 0, ignored: 0 }, format: 'stylish', version: '' });
if (unknown.length > 0) process.exit(1);
