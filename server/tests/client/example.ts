// A program that uses the generated types as a client does. It is compiled, not run.
import type { components, paths } from './generated/schema.js';

type Message = components['schemas']['Message'];
type Login = paths['/api/v1/auth/login']['post'];

const BASE = 'http://127.0.0.1:3000';

async function login(body: Login['requestBody']['content']['application/json']): Promise<string> {
  const response = await fetch(`${BASE}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) {
    const problem = (await response.json()) as components['schemas']['Problem'];
    throw new Error(`${problem.code}: ${problem.detail}`);
  }
  const tokens = (await response.json()) as Login['responses'][200]['content']['application/json'];
  return tokens.access_token;
}

/** Prints messages as they arrive. */
export async function follow(username: string, password: string): Promise<void> {
  const token = await login({ login: username, password });
  let cursor: string | undefined;
  for (;;) {
    const path = cursor === undefined ? '/api/v1/sync' : `/api/v1/sync/events?wait=60&after=${cursor}`;
    const response = await fetch(BASE + path, { headers: { authorization: `Bearer ${token}` } });
    const body = (await response.json()) as components['schemas']['Snapshot'] | components['schemas']['Events'];
    for (const event of 'items' in body ? body.items : []) {
      // The type of an event decides what else it has.
      if (event.type === 'message.created') show(event.data);
    }
    cursor = body.cursor;
  }
}

function show({ author, body }: Message): void {
  console.log(`${author?.display_name}: ${body}`);
}
