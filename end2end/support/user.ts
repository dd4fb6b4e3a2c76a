// A user over the API instead of a browser: for a quick set-up of tests.
import type { Server } from './server';

export const PASSWORD = 'a den with a hearth';

export interface Room {
  id: string;
  name: string;
  head: number;
}

export interface Message {
  id: string;
  seq: number;
  /** `text`, or what happened in the room: these are lines of room activity. */
  kind: string;
  author: { display_name: string };
  body: string;
  html: string;
  deleted: boolean;
}

interface Tokens {
  access_token: string;
  refresh_token: string;
  user: { id: string; username: string; display_name: string; role: string };
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    what: string,
  ) {
    super(`${what} responded with ${status} ${code}`);
  }
}

let clientIdCounter = 0;

export class ApiUser {
  private constructor(
    private readonly server: Server,
    readonly tokens: Tokens,
  ) {}

  static async signUp(server: Server, username: string, displayName: string): Promise<ApiUser> {
    const body = { username, display_name: displayName, password: PASSWORD };
    return new ApiUser(server, await fetchJson<Tokens>(server, 'POST', '/auth/register', body));
  }

  static async signIn(server: Server, login: string, password = PASSWORD): Promise<ApiUser> {
    return new ApiUser(server, await fetchJson<Tokens>(server, 'POST', '/auth/login', { login, password }));
  }

  get id(): string {
    return this.tokens.user.id;
  }

  get username(): string {
    return this.tokens.user.username;
  }

  get name(): string {
    return this.tokens.user.display_name;
  }

  request<T>(method: string, path: string, body?: object): Promise<T> {
    return fetchJson<T>(this.server, method, path, body, this.tokens.access_token);
  }

  async lobby(): Promise<Room> {
    const { items } = await this.request<{ items: Room[] }>('GET', '/rooms');
    const lobby = items.find((room) => room.name === 'Lobby');
    if (!lobby) throw new Error('There is no Lobby.');
    return lobby;
  }

  createRoom(name: string, more: { visibility?: 'public' | 'private'; topic?: string } = {}): Promise<Room> {
    return this.request('POST', '/rooms', { name, ...more });
  }

  async addMembers(room: Room, ...users: ApiUser[]): Promise<void> {
    const user_ids = users.map((user) => user.id);
    if (user_ids.length) await this.request('POST', `/rooms/${room.id}/members`, { user_ids });
  }

  async removeMember(room: Room, user: ApiUser): Promise<void> {
    await this.request('DELETE', `/rooms/${room.id}/members/${user.id}`);
  }

  send(room: Room, body: string): Promise<Message> {
    clientIdCounter += 1;
    return this.request('POST', `/rooms/${room.id}/messages`, { body, client_id: `scene-${process.pid}-${clientIdCounter}` });
  }

  /** Sends many messages, in order. */
  async sendMany(room: Room, count: number, text = (n: number) => `Line ${n}`): Promise<void> {
    for (let n = 1; n <= count; n += 1) await this.send(room, text(n));
  }

  /** Sends many messages at once; in the room they are in any order. */
  async sendAtOnce(room: Room, count: number, text = (n: number) => `Line ${n}`): Promise<void> {
    let sent = 0;
    const sendRest = async () => {
      while (sent < count) await this.send(room, text((sent += 1)));
    };
    await Promise.all(Array.from({ length: 50 }, sendRest));
  }

  /** Blocks a user, or ends that. */
  async block(user: ApiUser, blocked = true): Promise<void> {
    await this.request(blocked ? 'PUT' : 'DELETE', `/users/${user.id}/block`);
  }

  edit(message: Message, body: string): Promise<Message> {
    return this.request('PUT', `/messages/${message.id}`, { body });
  }

  async deleteMessage(message: Message): Promise<void> {
    await this.request('DELETE', `/messages/${message.id}`);
  }

  /** What users wrote in a room: without its lines of room activity, which have a seq too. */
  async messages(room: Room): Promise<Message[]> {
    const { items } = await this.request<{ items: Message[] }>('GET', `/rooms/${room.id}/messages?limit=200`);
    return items.filter(({ kind }) => kind === 'text');
  }

  /** The cookies of a browser in which this user is signed in. */
  cookies() {
    const url = this.server.url;
    const cookie = (name: string, value: string) => ({ name, value, url, httpOnly: true, sameSite: 'Lax' as const });
    return [cookie('lair_access', this.tokens.access_token), cookie('lair_refresh', this.tokens.refresh_token)];
  }
}

async function fetchJson<T>(server: Server, method: string, path: string, body?: object, token?: string): Promise<T> {
  const headers: Record<string, string> = {};
  if (body) headers['content-type'] = 'application/json';
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(`${server.url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, (JSON.parse(text) as { code: string }).code, `${method} ${path}`);
  return (text ? JSON.parse(text) : undefined) as T;
}
