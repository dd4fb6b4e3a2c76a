// Someone who uses the product from outside a browser: quick to set a scene with.
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
  body: string;
  html: string;
  deleted: boolean;
}

interface Tokens {
  access_token: string;
  refresh_token: string;
  user: { id: string; username: string; display_name: string; role: string };
}

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    what: string,
  ) {
    super(`${what} answered ${status} ${code}`);
  }
}

let made = 0;

export class Person {
  private constructor(
    private readonly server: Server,
    readonly tokens: Tokens,
  ) {}

  static async signUp(server: Server, username: string, displayName: string): Promise<Person> {
    const body = { username, display_name: displayName, password: PASSWORD };
    return new Person(server, await request<Tokens>(server, 'POST', '/auth/register', body));
  }

  static async signIn(server: Server, login: string, password = PASSWORD): Promise<Person> {
    return new Person(server, await request<Tokens>(server, 'POST', '/auth/login', { login, password }));
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

  call<T>(method: string, path: string, body?: object): Promise<T> {
    return request<T>(this.server, method, path, body, this.tokens.access_token);
  }

  async lobby(): Promise<Room> {
    const { items } = await this.call<{ items: Room[] }>('GET', '/rooms');
    const lobby = items.find((room) => room.name === 'Lobby');
    if (!lobby) throw new Error('There is no Lobby.');
    return lobby;
  }

  makeRoom(name: string, more: { visibility?: 'public' | 'private'; topic?: string } = {}): Promise<Room> {
    return this.call('POST', '/rooms', { name, ...more });
  }

  async bring(room: Room, ...people: Person[]): Promise<void> {
    const user_ids = people.map((person) => person.id);
    if (user_ids.length) await this.call('POST', `/rooms/${room.id}/members`, { user_ids });
  }

  async remove(room: Room, person: Person): Promise<void> {
    await this.call('DELETE', `/rooms/${room.id}/members/${person.id}`);
  }

  say(room: Room, body: string): Promise<Message> {
    made += 1;
    return this.call('POST', `/rooms/${room.id}/messages`, { body, client_id: `scene-${process.pid}-${made}` });
  }

  /** Says many things, in order. */
  async talk(room: Room, count: number, text = (n: number) => `Line ${n}`): Promise<void> {
    for (let n = 1; n <= count; n += 1) await this.say(room, text(n));
  }

  edit(message: Message, body: string): Promise<Message> {
    return this.call('PUT', `/messages/${message.id}`, { body });
  }

  async takeBack(message: Message): Promise<void> {
    await this.call('DELETE', `/messages/${message.id}`);
  }

  async messages(room: Room): Promise<Message[]> {
    return (await this.call<{ items: Message[] }>('GET', `/rooms/${room.id}/messages?limit=200`)).items;
  }

  /** The cookies of a browser in which this person is signed in. */
  cookies() {
    const url = this.server.url;
    const cookie = (name: string, value: string) => ({ name, value, url, httpOnly: true, sameSite: 'Lax' as const });
    return [cookie('lair_access', this.tokens.access_token), cookie('lair_refresh', this.tokens.refresh_token)];
  }
}

async function request<T>(server: Server, method: string, path: string, body?: object, token?: string): Promise<T> {
  const headers: Record<string, string> = {};
  if (body) headers['content-type'] = 'application/json';
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(`${server.url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Refused(answer.status, (JSON.parse(text) as { code: string }).code, `${method} ${path}`);
  return (text ? JSON.parse(text) : undefined) as T;
}
